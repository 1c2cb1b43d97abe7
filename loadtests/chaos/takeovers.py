"""What becomes of the work of processes that were killed or frozen."""

from collections import defaultdict

from loadtests.chaos.evidence import Evidence
from loadtests.percentiles import percentile

_LIVING_SECONDS = 1.0
"""Longer than a living pusher keeps a claim before it sends, and shorter than any claim."""

_SETTLING_SECONDS = 0.1
"""After SIGSTOP: answers the store had already given are still being passed on."""


def takeover_p99(evidence: Evidence) -> float | None:
    """What was claimed at a death and is sent later than the living take was the dead one's.

    What the platform refused about then is not: the living settled it, and it comes back in its own time.
    """
    times = _times_sent(evidence)
    waits = []
    for death in evidence.of("kill", "pusher"):
        later = death.began + _LIVING_SECONDS
        refused = {
            row.client_msg_id
            for row in evidence.platform.refusals
            if abs(row.at - evidence.wall_offset - death.began) < _LIVING_SECONDS
        }
        taken_over = (
            min((at for at in times[push_id] if at > later), default=None) for push_id in death.claims - refused
        )
        waits += [at - death.began for at in taken_over if at is not None]
    return round(percentile(sorted(waits), 0.99), 3) if waits else None


def acked_while_frozen(evidence: Evidence) -> int:
    """Callbacks and batches of pushes that were answered while the store was frozen."""
    frozen = [(each.began + _SETTLING_SECONDS, each.healed) for each in evidence.of("freeze", "store")]
    campaign = evidence.rehearsed.campaign
    acks = [*evidence.acks, *(campaign.began + row.ended for row in campaign.rows if row.acked)]
    return sum(begin < ack < end for ack in acks for begin, end in frozen)


def sent_after_takeover(evidence: Evidence) -> int:
    """A push first sent while a pusher was frozen was sent by another; a second send after that is the frozen one's."""
    frozen = [(each.began, each.healed) for each in evidence.of("freeze", "pusher")]
    return sum(
        any(begin < min(sent) < end <= max(sent) for begin, end in frozen)
        for sent in _times_sent(evidence).values()
        if len(sent) > 1
    )


def _times_sent(evidence: Evidence) -> defaultdict[str, list[float]]:
    """When the platform took each push, by trio's clock."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for row in evidence.platform.sends:
        times[row.client_msg_id].append(row.at - evidence.wall_offset)
    return times
