"""Time series of a recording, a point a second. No IO.

A point at 3 stands for the second from 3 to 4. Seconds in which nothing happened are 0 in counts, and missing (nan,
which plots leave out) in percentiles.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from loadtests.percentiles import percentile
from loadtests.report.recording import Recording

MISSING = math.nan
_SHED = frozenset({"429", "503"})


class Series(Struct, frozen=True):
    """One line of a plot; `values[i]` is second i's."""

    name: str
    values: tuple[float, ...]


class Percentiles(Struct, frozen=True, kw_only=True):
    """Of each second's values: the median, the 99th percentile and the largest."""

    p50: tuple[float, ...]
    p99: tuple[float, ...]
    most: tuple[float, ...]


def count_by_second(times: Iterable[float], seconds: int) -> tuple[float, ...]:
    """How many fall into each of the first `seconds` seconds; what comes later is left out."""
    counts = [0] * seconds
    for at in times:
        if 0 <= at < seconds:
            counts[int(at)] += 1
    return tuple(counts)


def percentiles_by_second(pairs: Iterable[tuple[float, float]], seconds: int) -> Percentiles:
    """Percentiles (nearest rank) of the values of (time, value) pairs in each second."""
    values: defaultdict[int, list[float]] = defaultdict(list)
    for at, value in pairs:
        values[int(at)].append(value)
    ordered = [sorted(values[second]) for second in range(seconds)]
    return Percentiles(
        p50=tuple(rank(each, 0.5) for each in ordered),
        p99=tuple(rank(each, 0.99) for each in ordered),
        most=tuple(rank(each, 1) for each in ordered),
    )


def rank(ordered: Sequence[float], share: float) -> float:
    """That percentile; MISSING of nothing."""
    return percentile(ordered, share) if ordered else MISSING


def length(recording: Recording) -> int:
    """Seconds until the last thing that any plot shows."""
    last = [
        max((row.ended for row in recording.spike), default=0),
        max((row.ended for row in recording.campaign), default=0),
        max((row.at for row in recording.sends), default=0),
    ]
    return int(max(last)) + 1


def throughput(recording: Recording, seconds: int) -> tuple[Series, Series]:
    """Callbacks acknowledged, and pushes accepted by the platform, in each second."""
    callbacks = (row.ended for row in recording.spike if row.acked)
    accepted = (row.at for row in recording.sends if not row.repeat)
    return (
        Series("callbacks acknowledged", count_by_second(callbacks, seconds)),
        Series("pushes accepted by the platform", count_by_second(accepted, seconds)),
    )


def callback_latency(recording: Recording, seconds: int) -> Percentiles:
    """Milliseconds from a callback's delivery to its acknowledgement, by when it was acknowledged."""
    return percentiles_by_second(((row.ended, 1e3 * row.latency) for row in recording.spike if row.acked), seconds)


def push_waits(recording: Recording, seconds: int) -> tuple[Series, ...]:
    """Seconds from a push's 202 to the platform's accepting it: each priority's median, by when it was accepted."""
    accepted: dict[str, float] = {}
    for send in recording.sends:
        accepted.setdefault(send.client_msg_id, send.at)
    waits: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in recording.campaign:
        if row.id in accepted:
            # The clocks of two processes: what seems to be sent before its 202 waited no time worth showing.
            waits[row.priority].append((accepted[row.id], max(0.0, accepted[row.id] - row.ended)))
    return tuple(
        Series(priority, percentiles_by_second(waits[priority], seconds).p50)
        for priority in ("high", "normal", "bulk")
        if priority in waits
    )


def shed(recording: Recording, seconds: int) -> tuple[float, ...]:
    """Callbacks that were told to come later (429 or 503) in each second, by when they ended."""
    return count_by_second((row.ended for row in recording.spike if _SHED & set(row.answers)), seconds)
