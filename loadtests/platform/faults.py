"""Trouble on purpose: errcodes, HTTP 500, answers that never come; seeded, so a run can be repeated.

The kinds, each with its rate in 0..1:

* an errcode (`-1`, `45009`, `42001` …): answered instead of the call's own answer; nothing was accepted.
* `http_500`: an HTML page with status 500; nothing was accepted.
* `garbage`: a 200 whose body is no JSON; nothing was accepted.
* `no_answer`: the call is not accepted and never answered.
* `lost_answer`: the call is accepted, then the connection ends without an answer; the caller cannot know.

Rates hold for every call; a rule holds for one API, one account, a time, or calls that contain a text.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

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


class FaultRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A fault for some calls: those of one API, of one account (by its name), of a time, or whose body contains a text.

    Empty means any. `after` and `until` are seconds since the simulator's start, or since the rule was set at
    `/_sim/faults`; an `until` of 0 is for good.
    """

    fault: str
    rate: Annotated[float, Meta(ge=0, le=1)] = 1.0
    api: str = ""
    account: str = ""
    after: Annotated[float, Meta(ge=0)] = 0
    until: Annotated[float, Meta(ge=0)] = 0
    containing: str = ""

    def __post_init__(self) -> None:
        fault_named(self.fault)

    def holds(self, api: str, account: str, seconds: float, body: bytes) -> bool:
        return (
            self.api in {"", api}
            and self.account in {"", account}
            and self.after <= seconds
            and (not self.until or seconds < self.until)
            and self.containing.encode() in body
        )


def parse_fault(text: str) -> tuple[str, float]:
    """`-1:0.01` or `http_500:0.1` as a name and a rate. Raises ValueError, saying what is wrong."""
    name, colon, rate = text.rpartition(":")
    if not colon:
        raise ValueError(f"a fault is NAME:RATE, as in -1:0.01, not {text!r}")
    fault_named(name)
    share = float(rate)
    if not 0 <= share <= 1:
        raise ValueError(f"the rate of fault {name} must lie in 0..1, not {rate}")
    return name, share


def fault_named(name: str) -> Fault:
    """The fault of that name. Raises ValueError for one that does not exist."""
    if name in _NAMED:
        return Fault(_NAMED[name])
    try:
        return Fault("errcode", int(name))
    except ValueError:
        known = ", ".join(_NAMED)
        raise ValueError(f"fault {name!r} is neither an errcode nor one of {known}") from None


def steps_of(rates: Mapping[str, float]) -> list[tuple[float, Fault]]:
    """Rates by name as cumulated steps. Raises ValueError for an unknown name or rates that exceed 1 together."""
    steps = []
    total = 0.0
    for name, rate in rates.items():
        total += rate
        if rate < 0 or total > 1:
            raise ValueError("fault rates must lie in 0..1 and not exceed 1 together")
        steps.append((total, fault_named(name)))
    return steps


class Faults:
    """Decides what each call meets. `rates` by name, as `parse_fault` gives them; their sum may not exceed 1."""

    def __init__(self, rates: Mapping[str, float], rules: Sequence[FaultRule] = (), *, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._steps = steps_of(rates)
        self._rules = tuple(rules)
        self._began = 0.0

    def set_rates(self, rates: Mapping[str, float], rules: Sequence[FaultRule] = (), *, began: float = 0) -> None:
        """Replace all of them; the rules' times count from `began`. Raises ValueError as `steps_of` does."""
        self._steps = steps_of(rates)
        self._rules = tuple(rules)
        self._began = began

    def meet(self, api: str = "", account: str = "", seconds: float = 0, body: bytes = b"") -> Fault:
        """What the next call meets, `seconds` after the simulator's start."""
        for rule in self._rules:
            if rule.holds(api, account, seconds - self._began, body) and self._random.random() < rule.rate:
                return fault_named(rule.fault)
        if not self._steps:
            return NONE
        draw = self._random.random()
        for below, fault in self._steps:
            if draw < below:
                return fault
        return NONE
