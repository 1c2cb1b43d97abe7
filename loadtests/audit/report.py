"""The audit's verdict as types."""

from collections.abc import Mapping

from msgspec import Struct

from loadtests.audit.identity import Identity

MAX_LISTED = 1_000
"""Cases listed of each kind; the counts are of all."""


class LostPush(Struct, frozen=True):
    """An acknowledged push that is nowhere, and why the audit says so."""

    id: str
    reason: str


class CallbackAudit(Struct, frozen=True, kw_only=True):
    """Acknowledged callbacks against the event streams.

    `appended_twice` lists identities that stand in the streams more than once, acknowledged or not. `unacked_stored`
    were stored without the platform learning of it, which is allowed; `foreign` are in no ledger.
    """

    sent: int = 0
    acked: int = 0
    stored: int = 0
    repeats_sent: int = 0
    unacked_stored: int = 0
    foreign: int = 0
    lost_count: int = 0
    lost: tuple[Identity, ...] = ()
    twice_count: int = 0
    appended_twice: tuple[Identity, ...] = ()


class PushAudit(Struct, frozen=True, kw_only=True):
    """Acknowledged pushes against the jobs, the queues and the platform's ledger.

    `states` counts acknowledged pushes by the state of their job, `dead_reasons` the dead ones by their error.
    `accepted_twice` were given two msgids by the platform, `delivered_twice` reached the person twice,
    `repeats_dropped` counts sends the platform dropped for their client_msg_id. `misplaced` stand in two places,
    or in one although they are finished.
    `unmatched` are still `sent` although the gateway acknowledged their receipt: normal while work goes on, a fault if
    it stays so.
    """

    enqueued: int = 0
    acked: int = 0
    rejected: int = 0
    unanswered: int = 0
    states: Mapping[str, int] = {}
    dead_reasons: Mapping[str, int] = {}
    platform_accepted: int = 0
    repeats_dropped: int = 0
    accepted_twice_count: int = 0
    accepted_twice: tuple[str, ...] = ()
    delivered_twice_count: int = 0
    delivered_twice: tuple[str, ...] = ()
    unmatched_count: int = 0
    unmatched: tuple[str, ...] = ()
    misplaced_count: int = 0
    misplaced: tuple[str, ...] = ()
    lost_count: int = 0
    lost: tuple[LostPush, ...] = ()

    def count(self, *states: str) -> int:
        return sum(self.states.get(state, 0) for state in states)


class PoisonAudit(Struct, frozen=True, kw_only=True):
    """Pushes that were marked for the platform never to take: those `dead` with their whole history, and the others.

    `healthy_dead` were not marked and are dead all the same.
    """

    marked: int = 0
    dead: int = 0
    healthy_dead: int = 0
    faulty_count: int = 0
    faulty: tuple[LostPush, ...] = ()


WAITING = ("queued", "scheduled", "retrying", "parked", "sending", "sent")
"""States of a push that is not finished; `sent` waits for the platform's receipt."""


class OrderCheck(Struct, frozen=True, kw_only=True):
    """Of what one person got, `compared` certainly came after something else, and `inverted` stand before that.

    `retried` were left out, as they fell behind for a reason; `scattered` people have events in more than one stream.
    """

    compared: int = 0
    inverted: int = 0
    retried: int = 0
    scattered: int = 0

    @property
    def kept(self) -> bool:
        return not (self.inverted or self.scattered)


class LimitAudit(Struct, frozen=True, kw_only=True):
    """One account's sends, as the platform received them, against its limits; a limit of 0 is none.

    `peak` is the most in any half-open window of `window_seconds`; the one that begins at `peak_at` (seconds since the
    epoch) has it. `allowance` may be added to either limit before it counts as exceeded. `windows_over` counts windows
    that begin with a send, `busiest_day` is a date in Beijing.
    """

    app_id: str
    sends: int
    window_seconds: float
    window_limit: int
    allowance: int
    peak: int
    peak_at: float
    windows_over: int
    day_limit: int
    busiest_day: str
    busiest_day_sends: int
    days_over: int

    @property
    def kept(self) -> bool:
        return not (self.windows_over or self.days_over)


class AuditReport(Struct, frozen=True, kw_only=True):
    """The whole audit. `notes` say what could not be checked.

    `limits` has an entry for each account that sent, if limits were given.
    """

    callbacks: CallbackAudit = CallbackAudit()
    receipts: CallbackAudit = CallbackAudit()
    pushes: PushAudit = PushAudit()
    poison: PoisonAudit = PoisonAudit()
    event_order: OrderCheck = OrderCheck()
    push_order: OrderCheck = OrderCheck()
    limits: tuple[LimitAudit, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lost(self) -> int:
        """Acknowledged things that are gone."""
        return self.callbacks.lost_count + self.receipts.lost_count + self.pushes.lost_count

    @property
    def appended_twice(self) -> int:
        """Events that business systems would see twice."""
        return self.callbacks.twice_count + self.receipts.twice_count

    @property
    def order_kept(self) -> bool:
        """Whether everything stands in the order in which it was acknowledged, as far as that can be told."""
        return self.event_order.kept and self.push_order.kept

    @property
    def limits_kept(self) -> bool:
        return all(limit.kept for limit in self.limits)

    @property
    def passed(self) -> bool:
        """Nothing lost, no event twice, no push where it might be sent again, no limit exceeded."""
        return self.limits_kept and not (self.lost or self.appended_twice or self.pushes.misplaced_count)
