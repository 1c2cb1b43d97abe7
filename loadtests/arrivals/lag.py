"""Was the generator itself fit to measure? A run in which it was not is void, whatever its figures say."""

from msgspec import Struct

from loadtests.arrivals.histogram import Histogram


class Bounds(Struct, frozen=True, kw_only=True):
    """What a run may show and still count.

    `lag`: seconds that the generator's own p99 lag (a delivery begun after it was due) may reach. Lag is part of the
    latency from the intended time, so it is the error of every figure; 20 ms is the shortest p99 that the project
    promises anywhere, and an error as large as that would decide for itself.

    `skipped`: the share of arrivals that may find no free connection. They would have been among the slowest, so with
    a share s skipped nothing is known of the percentiles above 1 - s; 0.001 keeps p99.9 meaningful.
    """

    lag: float = 0.020
    skipped: float = 0.001


def why_void(lag: Histogram, skipped: int, arrivals: int, bounds: Bounds) -> tuple[str, ...]:
    """The reasons for which the run does not count; none if it does."""
    reasons = []
    p99 = lag.percentile(99)
    if p99 > bounds.lag:
        reasons.append(f"the generator itself was late: lag p99 {p99 * 1000:.1f} ms, bound {bounds.lag * 1000:g} ms")
    if skipped > bounds.skipped * arrivals:
        share = skipped / arrivals
        reasons.append(f"{skipped:,} arrivals skipped at the cap in flight ({share:.2%}, bound {bounds.skipped:.2%})")
    return tuple(reasons)
