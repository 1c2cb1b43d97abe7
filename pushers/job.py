"""What goes through a pusher: a claim on its way to a lane, and its outcome on the way back to the store."""

from msgspec import Struct

from pushers.outlet import Outlet
from pushers.passage import Passage
from pushers.verdict import Verdict
from queues.outcome import Outcome
from queues.push import Claim


class Job(Struct, frozen=True):
    """A claim for a sender; to be on its way by `send_before` (monotonic), when its rate token is void."""

    claim: Claim
    outlet: Outlet
    passage: Passage
    send_before: float


class Finished(Struct, frozen=True):
    """A claim's outcome on its way to be settled. `verdict` is None if nothing was tried."""

    outcome: Outcome
    verdict: Verdict | None
