"""Stands for tracing: keeps what it is told."""

from typing import Any


class FakeSpan:
    def __init__(self, carrier: str) -> None:
        self.carrier = carrier
        self.ended: list[tuple[dict[str, Any], bool]] = []

    def end(self, attributes: dict[str, Any], *, failed: bool = False) -> None:
        self.ended.append((attributes, failed))


class FakeTraces:
    def __init__(self, carrier: str = "") -> None:
        self.carrier = carrier
        self.begun: list[tuple[str, str, FakeSpan]] = []
        self.recorded: list[dict[str, Any]] = []

    def begin(self, name: str, traceparent: str) -> FakeSpan:
        span = FakeSpan(self.carrier)
        self.begun.append((name, traceparent, span))
        return span

    def record(
        self, carrier: str, name: str, kind: str, began: float, ended: float, attributes: Any, *, failed: bool
    ) -> None:
        self.recorded.append(
            {"carrier": carrier, "name": name, "kind": kind, "began": began, "ended": ended, "failed": failed}
            | dict(attributes)
        )
