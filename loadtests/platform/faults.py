"""Trouble on purpose: errcodes, HTTP 500, answers that never come, and latency; seeded, so a run can be repeated.

The kinds, each with its rate in 0..1:

* an errcode (`-1`, `45009`, `42001` …): answered instead of the call's own answer; nothing was accepted.
* `http_500`: an HTML page with status 500; nothing was accepted.
* `garbage`: a 200 whose body is no JSON; nothing was accepted.
* `no_answer`: the call is not accepted and never answered.
* `lost_answer`: the call is accepted, then the connection ends without an answer; the caller cannot know.
"""

import random
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Kind = Literal["none", "errcode", "http_500", "garbage", "no_answer", "lost_answer"]
_NAMED: dict[str, Kind] = {
    "http_500": "http_500",
    "garbage": "garbage",
    "no_answer": "no_answer",
    "lost_answer": "lost_answer",
}


class Fault(Struct, frozen=True, gc=False):
    """What one call meets; `errcode` is 0 unless the kind is `errcode`."""

    kind: Kind = "none"
    errcode: int = 0


NONE = Fault()


def parse_fault(text: str) -> tuple[str, float]:
    """`-1:0.01` or `http_500:0.1` as a name and a rate. Raises ValueError, saying what is wrong."""
    name, colon, rate = text.rpartition(":")
    if not colon:
        raise ValueError(f"a fault is NAME:RATE, as in -1:0.01, not {text!r}")
    _fault_named(name)
    share = float(rate)
    if not 0 <= share <= 1:
        raise ValueError(f"the rate of fault {name} must lie in 0..1, not {rate}")
    return name, share


def _fault_named(name: str) -> Fault:
    if name in _NAMED:
        return Fault(_NAMED[name])
    try:
        return Fault("errcode", int(name))
    except ValueError:
        known = ", ".join(_NAMED)
        raise ValueError(f"fault {name!r} is neither an errcode nor one of {known}") from None


class Faults:
    """Decides what each call meets. `rates` by name, as `parse_fault` gives them; their sum may not exceed 1."""

    def __init__(self, rates: Mapping[str, float], *, latency: float = 0, jitter: float = 0, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._steps: list[tuple[float, Fault]] = []
        self._latency = 0.0
        self._jitter = 0.0
        self.set_rates(rates)
        self.set_latency(latency, jitter)

    def set_rates(self, rates: Mapping[str, float]) -> None:
        """Replace all rates. Raises ValueError for an unknown name or rates that exceed 1 together."""
        steps = []
        total = 0.0
        for name, rate in rates.items():
            total += rate
            if rate < 0 or total > 1:
                raise ValueError("fault rates must lie in 0..1 and not exceed 1 together")
            steps.append((total, _fault_named(name)))
        self._steps = steps

    def set_latency(self, seconds: float, jitter: float) -> None:
        """Answers take `seconds`, or with `jitter` log-normally spread around it (sigma)."""
        self._latency = seconds
        self._jitter = jitter

    def meet(self) -> Fault:
        """What the next call meets."""
        if not self._steps:
            return NONE
        draw = self._random.random()
        for below, fault in self._steps:
            if draw < below:
                return fault
        return NONE

    def latency(self) -> float:
        """Seconds until the next answer."""
        if not self._jitter:
            return self._latency
        return self._latency * self._random.lognormvariate(0, self._jitter)
