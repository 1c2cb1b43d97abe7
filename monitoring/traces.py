"""What the stages know of tracing: where a span began, and how to say what became of it.

The one implementation is `monitoring.tracing`. Without it the stages are given None, and pay for a comparison.
"""

from collections.abc import Mapping
from typing import Literal, Protocol

Kind = Literal["server", "wait", "send", "receive"]
Attributes = Mapping[str, str | int | float]


class Span(Protocol):
    """One that has begun and not ended."""

    carrier: str
    """Its W3C `traceparent`, for those who go on from here; empty if this trace is not sampled."""

    def end(self, attributes: Attributes, *, failed: bool = False) -> None: ...


class Traces(Protocol):
    """The spans of one process. No call waits for anything."""

    def begin(self, name: str, traceparent: str) -> Span:
        """Begin to serve a request; `traceparent` is the caller's; without a valid one a new trace begins."""

    def record(
        self, carrier: str, name: str, kind: Kind, began: float, ended: float, attributes: Attributes, *, failed: bool
    ) -> None:
        """Note what has happened, in seconds since the epoch, under the span that `carrier` names."""


def trace_id(carrier: str) -> str:
    """The trace's id, as log lines show it; empty without one."""
    return carrier[3:35]
