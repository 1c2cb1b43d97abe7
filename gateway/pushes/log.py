"""One line for each request that enqueues pushes, with the ids that their later lines have."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import structlog
from msgspec import Struct

from gateway.http.messages import Response
from monitoring.line_budget import LineBudget
from monitoring.traces import trace_id
from queues.push import Accepted

MOST_IDS = 50
"""A batch may have ten thousand; whoever needs them all has them in our answer."""
LINES_PER_SECOND = 50.0


class _Problem(Struct):
    """Of a problem document, what never repeats anything of the request."""

    title: str


class PushLog:
    """The push requests of one process; good and bad ones have a budget each."""

    def __init__(self, per_second: float = LINES_PER_SECOND) -> None:
        self._taken = LineBudget(per_second)
        self._refused = LineBudget(per_second)
        self._log = structlog.get_logger()

    def taken(
        self, request_id: str, upstream: str, accepted: Sequence[Accepted], rejected: int, now: float, trace: str = ""
    ) -> None:
        """The store has these pushes; `now` is monotonic."""
        if not self._taken.admits(now):
            return
        self._log.info(
            "pushes enqueued",
            request_id=request_id,
            upstream=upstream,
            results=Counter(push.status for push in accepted) | Counter(rejected=rejected),
            push_ids=[push.id for push in accepted[:MOST_IDS]],
            left_out=self._taken.take_left_out(),
            **({"trace_id": trace_id(trace)} if trace else {}),
        )

    def refused(self, request_id: str, upstream: str, response: Response, now: float) -> None:
        """Nothing, or nothing that we know of, was taken; `upstream` is empty if nobody knows who asked."""
        if not self._refused.admits(now):
            return
        self._log.warning(
            "push request refused",
            request_id=request_id,
            upstream=upstream,
            status=response.status,
            reason=msgspec.json.decode(response.body, type=_Problem).title,
            left_out=self._refused.take_left_out(),
        )
