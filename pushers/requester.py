"""What a feeder asks the store for, by what the last lease said; does no I/O."""

from collections.abc import Mapping

from pushers.allowance import Allowance
from pushers.passage import Passage
from queues.account import Account
from queues.keys import feed
from queues.limits.rate import SLICE_SECONDS, HeldTemplate, Lease, LeaseRequest
from queues.pushes.taker import TakeRequest, Terms


class Requester:
    """The requests of one feed: how many tokens it wants and gives back, and on which terms pushes may be taken."""

    def __init__(
        self,
        account: Account,
        api: str,
        passage: Passage,
        allowance: Allowance,
        *,
        claim_seconds: float,
        retain_seconds: float,
    ) -> None:
        self._account = account.name
        self._api = api
        self._limit = account.limit(api)
        self._passage = passage
        self._allowance = allowance
        self._claim_seconds = claim_seconds
        self._retain_seconds = retain_seconds
        self._day = 0
        self._ordinary: int | None = 0
        self._held: tuple[HeldTemplate, ...] = ()
        self._tries: set[str] = set()

    def keep(self, leased: Lease) -> None:
        """Keep what a lease says for the next take."""
        self._day, self._held = leased.day, leased.held
        self._tries |= {each.template for each in leased.held if each.probe}
        self._ordinary = leased.ordinary
        if leased.ordinary is not None:
            # Those claimed since it was asked for are not booked yet.
            self._ordinary = max(0, leased.ordinary - self._passage.ordinary)

    def lease(self, wanted: int, *, lead_seconds: float = 0.0, slice_seconds: float = SLICE_SECONDS) -> LeaseRequest:
        """So many tokens; what was leased and not used goes back with it, and what was claimed is booked."""
        allowance, passage = self._allowance, self._passage
        returned, ordinary = allowance.unused + passage.unused, passage.ordinary
        allowance.unused = passage.unused = passage.ordinary = 0
        return LeaseRequest(
            account=self._account,
            api=self._api,
            limit=self._limit,
            wanted=wanted,
            returned=returned,
            returned_day=self._day,
            ordinary=ordinary,
            lead_seconds=lead_seconds,
            slice_seconds=slice_seconds,
        )

    def take(self, counts: Mapping[int, int]) -> TakeRequest:
        """So many pushes of each shard. A template that rests is tried by the first take that asks for any."""
        terms = Terms(
            ordinary=self._ordinary,
            held=[HeldTemplate(each.template, each.seconds, each.template in self._tries) for each in self._held],
            recipient=self._limit.recipient,
        )
        if counts:
            self._tries.clear()
        return TakeRequest(
            feed=feed(self._account, self._api),
            counts=counts,
            claim_seconds=self._claim_seconds,
            terms=terms,
            retain_seconds=self._retain_seconds,
        )
