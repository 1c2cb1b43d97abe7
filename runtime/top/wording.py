"""Numbers as the screen writes them: short, and of one width where they change."""

import math

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_STEP = 1024

# Below the first number, divided by the second, as the third says.
_DURATIONS = (
    (0.001, 1e-6, "{:.0f} µs"),
    (1.0, 0.001, "{:.0f} ms"),
    (2 * _MINUTE, 1.0, "{:.1f} s"),
    (2 * _HOUR, _MINUTE, "{:.0f} min"),
    (2 * _DAY, _HOUR, "{:.1f} h"),
    (math.inf, _DAY, "{:.0f} days"),
)


def duration(seconds: float | None) -> str:
    """`850 µs`, `12 ms`, `3.4 s`, `12 min`, `5.3 h`, `3 days`; `–` where nothing is known."""
    for below, unit, words in _DURATIONS:
        if seconds is not None and seconds < below:
            return words.format(seconds / unit)
    return "–"


def beyond(seconds: float | None) -> str:
    """A quantile: infinity means that it lies beyond the histogram's last edge."""
    return "off the scale" if seconds is not None and math.isinf(seconds) else duration(seconds)


def rate(a_second: float) -> str:
    """`0`, `0.4/s`, `1,234/s`."""
    if not a_second:
        return "0"
    return f"{a_second:.1f}/s" if a_second < 10 else f"{a_second:,.0f}/s"  # noqa: PLR2004  two digits say enough


def size(count: float | None) -> str:
    """Bytes: `512 KiB`, `1.4 GiB`."""
    if count is None:
        return "–"
    for unit in ("B", "KiB", "MiB"):
        if count < _STEP:
            return f"{count:.0f} {unit}"
        count /= _STEP
    return f"{count:.1f} GiB"
