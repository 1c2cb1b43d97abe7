"""Tells of what stands in the store and cannot be read: half written, of another version, or none of ours.

It is set aside, so that everything else goes on; here it is counted, and named in the log.
"""

from collections.abc import Sequence
from typing import Final, Literal

import structlog

from monitoring.names import RECORDS_UNREADABLE
from queues.ids import shard_of_id

log = structlog.get_logger()

_MOST_NAMED: Final = 8


def report_pushes(ids: Sequence[bytes], became: str) -> None:
    """`became` is what is done about them. An id that is none of ours is not repeated, whatever it may be."""
    _report("push", [name for each in ids if _is_ours(name := each.decode(errors="replace"))], len(ids), became)


def report_events(ids: Sequence[str], became: str) -> None:
    """Entries of an event stream, which the store names itself."""
    _report("event", ids, len(ids), became)


def _report(kind: Literal["push", "event"], named: Sequence[str], count: int, became: str) -> None:
    if count:
        RECORDS_UNREADABLE.labels(kind).inc(count)
        log.error("records cannot be read", kind=kind, count=count, ids=named[:_MOST_NAMED], became=became)


def _is_ours(push_id: str) -> bool:
    try:
        shard_of_id(push_id)
    except ValueError:
        return False
    return True
