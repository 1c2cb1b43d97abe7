"""What a run left, and what a figure is made of: a sentence, and how it follows from that."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from loadtests.audit.pushes import PlatformView
from loadtests.chaos.scene import Happening
from loadtests.rehearsal import Rehearsed


class Evidence(Struct, frozen=True, kw_only=True):
    """Everything a run left. `wall_offset` is wall-clock time less trio's; `waiting` the backlog at the end."""

    rehearsed: Rehearsed
    happenings: Sequence[Happening]
    platform: PlatformView
    wall_offset: float
    waiting: int
    memory_peak_megabytes: float
    store_connections: float | None
    tokens: int
    ledger_ahead: int | None = None
    leaks: Mapping[str, int]
    log_lines: int
    tracebacks: int = 0
    lost_batches_told: float | None = None

    @property
    def acks(self) -> list[float]:
        """When callbacks were acknowledged, by trio's clock, ascending."""
        spike = self.rehearsed.spike
        return sorted(spike.began + row.ended for row in spike.rows if row.acked)

    @property
    def sends(self) -> list[float]:
        """When the platform took a push, by trio's clock, ascending."""
        return sorted(row.at - self.wall_offset for row in self.platform.sends)

    @property
    def per_second(self) -> int:
        """The account's limit; 0 if it has none."""
        return max((limit.window_limit for limit in self.rehearsed.report.limits), default=0)

    def of(self, fault: str, target: str = "") -> list[Happening]:
        """The faults of a kind, of those whose target begins so."""
        return [each for each in self.happenings if each.fault == fault and each.target.startswith(target)]

    def on_the_platform(self, happening: Happening) -> tuple[float, float]:
        """From when to when it was, in seconds since the epoch, as the platform's own rows."""
        return happening.began + self.wall_offset, happening.healed + self.wall_offset

    def measured(self, name: str) -> list[float]:
        """What faults measured themselves under that name."""
        return [each.measured[name] for each in self.happenings if name in each.measured]


class Figure(Struct, frozen=True):
    """What it says, and what it comes to; None where there was nothing to measure."""

    says: str
    of: Callable[[Evidence], float | None]


def most(name: str) -> Callable[[Evidence], float | None]:
    """The largest of what faults measured under that name."""
    return lambda evidence: max(evidence.measured(name), default=None)


def least(name: str) -> Callable[[Evidence], float | None]:
    """The smallest of it."""
    return lambda evidence: min(evidence.measured(name), default=None)


def total(name: str) -> Callable[[Evidence], float | None]:
    """All of it together."""
    return lambda evidence: sum(evidence.measured(name))


def longest_wait(since: Iterable[float], events: Sequence[float]) -> float | None:
    """The longest from a time to the first event after it; None without a time, or with one nothing came after."""
    waits = []
    for time in since:
        after = next((event for event in events if event >= time), None)
        if after is None:
            return None
        waits.append(after - time)
    return round(max(waits), 3) if waits else None
