"""Which callbacks are refused first when not all can be appended in time."""

from gateway.admission import Rank
from queues.event import CallbackEvent

# The platform tells what became of our own sends, or what someone did elsewhere; nobody waits for an answer to these.
_RECEIPTS = frozenset(
    (
        "templatesendjobfinish",
        "masssendjobfinish",
        "subscribe_msg_sent_event",
        "batch_job_result",
    )
)


def rank_of(event: CallbackEvent) -> Rank:
    """Receipts after all else: an event we do not know may well be a person's."""
    return Rank.RECEIPT if event.name in _RECEIPTS else Rank.USER
