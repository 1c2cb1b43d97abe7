"""prometheus_client's counter and histogram, a third as expensive; the same on the wire.

What the library checks at every call is left out: that the labels are all given (a child without them has no values,
and fails as loudly), and that a counter is not lowered (ours count events).
"""

from bisect import bisect_left
from time import time
from typing import Final

import prometheus_client
from prometheus_client.samples import Exemplar

EXEMPLAR_SECONDS: Final = 1.0
"""Scrapes come less often, and making one costs as much as all the rest of an observation."""


class Counter(prometheus_client.Counter):
    """Counts what happened. It keeps no exemplar: a push's id says something of a time, not of a count."""

    def inc(self, amount: float = 1, exemplar: dict[str, str] | None = None) -> None:  # noqa: ARG002  the library's
        self._value.inc(amount)


class Histogram(prometheus_client.Histogram):
    """Counts observations by size; the bucket is found by bisection. A bucket shows another exemplar once a second."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        self._sum.inc(amount)
        bucket = self._buckets[bisect_left(self._upper_bounds, amount)]
        bucket.inc(1)
        if exemplar and not bucket._multiprocess:  # noqa: SLF001  the library's own mark of a value in a file
            now, shown = time(), bucket.get_exemplar()
            if shown is None or now - shown.timestamp >= EXEMPLAR_SECONDS:
                bucket.set_exemplar(Exemplar(exemplar, amount, now))
