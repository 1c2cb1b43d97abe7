"""All kinds of faults; a scenario names one by its tag. A new kind is a file here and a line below."""

from loadtests.chaos.faults.bad_link import BadLink
from loadtests.chaos.faults.campaigns import Campaigns
from loadtests.chaos.faults.clock import MoveClock
from loadtests.chaos.faults.connections import Cut
from loadtests.chaos.faults.descriptors import Descriptors
from loadtests.chaos.faults.failover import Failover
from loadtests.chaos.faults.flood import Flood
from loadtests.chaos.faults.hostile import Hostile
from loadtests.chaos.faults.neighbour import Neighbour
from loadtests.chaos.faults.platform import PlatformTrouble
from loadtests.chaos.faults.power_loss import PowerLoss
from loadtests.chaos.faults.push_flood import PushFlood
from loadtests.chaos.faults.refresher import KillRefresher
from loadtests.chaos.faults.reload import Reload
from loadtests.chaos.faults.restart import Restart
from loadtests.chaos.faults.signals import Freeze, Kill
from loadtests.chaos.faults.slow_clients import SlowClients
from loadtests.chaos.faults.slow_fsync import SlowFsync
from loadtests.chaos.faults.store_limits import DiskFull, OutOfMemory

AnyFault = (
    BadLink
    | Campaigns
    | Cut
    | Descriptors
    | DiskFull
    | Failover
    | Flood
    | Freeze
    | Hostile
    | Kill
    | KillRefresher
    | MoveClock
    | Neighbour
    | OutOfMemory
    | PlatformTrouble
    | PowerLoss
    | PushFlood
    | Reload
    | Restart
    | SlowClients
    | SlowFsync
)
