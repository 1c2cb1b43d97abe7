"""What one standard run leaves behind: the ledgers of both sides, what waited meanwhile, and the audit."""

from collections.abc import Sequence

from msgspec import Struct

from loadtests.audit.report import AuditReport
from loadtests.ledgers import CampaignRow, SpikeRow
from loadtests.platform.ledger import SendRow


class Depth(Struct, frozen=True, kw_only=True):
    """What waited at one moment, in seconds since the run began: pushes not yet sent, events not yet worked on."""

    at: float
    pushes: int
    events: int


class Recording(Struct, frozen=True, kw_only=True):
    """One run. Every time in it is seconds since it began, `SendRow.at` too; `per_second` is the pushes' limit.

    `store` is the name and version of the store's server.
    """

    per_second: int
    spike: Sequence[SpikeRow]
    campaign: Sequence[CampaignRow]
    sends: Sequence[SendRow]
    depths: Sequence[Depth]
    audit: AuditReport
    drained: bool
    store: str
