"""Which scenarios there are, and what each comes to for a given scale, duration and number of users."""

import difflib
import math
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from loadtests.scenarios import curves
from loadtests.scenarios.curves import Curve

Sends = Literal["callbacks", "pushes"]

MAX_SECONDS = 86_400.0
MIN_SECONDS = 2.0
"""Locust looks at a shape once a second; a shorter curve would not be seen."""

TOP_STEP = 10
"""The highest stair of `overload_ramp`, in capacities."""


_LOOKS = 10
"""Points between two ticks of Locust's at which a curve is read."""


class Scenario(Struct, frozen=True, kw_only=True):
    """One scenario's facts.

    `arrivals` is the full size, of which a run takes `scale`. An arrival is a callback, or a request with pushes, that
    is sent for the first time. `per_user` is how many a user begins in a second, `honest` the share of users that do so
    (the others misbehave), `per_second` what the local stand lets the account send.
    """

    name: str
    idea: str
    curve: Curve
    arrivals: int
    seconds: float
    scale: float
    per_user: float = 5.0
    honest: float = 1.0
    sends: frozenset[Sends] = frozenset({"callbacks"})
    per_second: int = 2_000


class Plan(Struct, frozen=True, kw_only=True):
    """What a run sends. `mean` and `top` are the mean and the highest of the curve's heights."""

    scenario: Scenario
    arrivals: float
    seconds: float
    per_user: float
    mean: float
    top: float

    def rate_at(self, second: float) -> float:
        """Arrivals a second at that time; 0 before and after."""
        if not 0 <= second < self.seconds:
            return 0.0
        return self.arrivals / self.seconds * self.scenario.curve(second / self.seconds) / self.mean

    def users_between(self, begin: float, end: float) -> int:
        """How many users bring about the mean rate of that time, those that misbehave included; one if it is low."""
        width = (end - begin) / _LOOKS
        rate = sum(self.rate_at(begin + (look + 0.5) * width) for look in range(_LOOKS)) / _LOOKS
        users = rate / self.per_user / self.scenario.honest
        return max(round(users), 1) if rate else 0

    @property
    def peak_rate(self) -> float:
        return self.arrivals / self.seconds * self.top / self.mean

    @property
    def peak_users(self) -> int:
        return math.ceil(self.peak_rate / self.per_user / self.scenario.honest)


def plan(scenario: Scenario, *, scale: float = 0, seconds: float = 0, users: int = 0, capacity: float = 0) -> Plan:
    """Work a scenario out; 0 takes its own value. `users` is their number at the peak, `capacity` in arrivals a second.

    Raises ValueError for what makes no sense.
    """
    for name, value in (("scale", scale), ("seconds", seconds), ("users", users), ("capacity", capacity)):
        if value < 0 or not math.isfinite(value):
            raise ValueError(f"--{name} {value:g}: must be a number above 0")
    if seconds and not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise ValueError(f"--seconds {seconds:g}: must lie between {MIN_SECONDS:g} and {MAX_SECONDS:g}")
    if capacity and scale:
        raise ValueError("--capacity and --scale both say how much: give one of them")
    if capacity and scenario.curve is not curves.stairs:
        raise ValueError(f"--capacity: only overload_ramp has one; {scenario.name} takes --scale")
    heights = curves.heights(scenario.curve)
    mean, top = sum(heights) / len(heights), max(heights)
    length = seconds or scenario.seconds
    arrivals = scenario.arrivals * (scale or scenario.scale)
    if capacity:
        arrivals = TOP_STEP * capacity * length * mean / top
    if arrivals < 1:
        raise ValueError(f"--scale {scale:g}: not one of {scenario.arrivals:,} would be sent")
    peak = arrivals / length * top / mean
    per_user = peak / (users * scenario.honest) if users else scenario.per_user
    return Plan(scenario=scenario, arrivals=arrivals, seconds=length, per_user=per_user, mean=mean, top=top)


class UnknownScenarioError(ValueError):
    """No scenario has that name; says which come near."""


def find(name: str) -> Scenario:
    """The scenario of that name. Raises UnknownScenarioError."""
    found = SCENARIOS.get(name)
    if found is None:
        near = difflib.get_close_matches(name, SCENARIOS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SCENARIOS)}"
        raise UnknownScenarioError(f"unknown scenario {name!r}: {hint}")
    return found


_BOTH: frozenset[Sends] = frozenset({"callbacks", "pushes"})

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="callback_spike",
            idea="75,000 callbacks of all kinds within half a minute",
            curve=curves.surge,
            arrivals=75_000,
            seconds=30,
            scale=0.1,
        ),
        Scenario(
            name="subscription_wave",
            idea="a pop-up in QQ: nothing, then 40,000 follow within a minute, then a tail",
            curve=curves.pop_up,
            arrivals=40_000,
            seconds=60,
            scale=0.2,
        ),
        Scenario(
            name="receipts_storm",
            idea="75,000 receipts after a mass notice",
            curve=curves.storm,
            arrivals=75_000,
            seconds=40,
            scale=0.15,
        ),
        Scenario(
            name="city_day",
            idea="a city's day in a minute: 300,000 queries and 20,000 pushes",
            curve=curves.day,
            arrivals=320_000,
            seconds=60,
            scale=0.03,
            sends=_BOTH,
        ),
        Scenario(
            name="upstream_enqueue",
            idea="upstreams enqueue 10,000 pushes one by one and 100,000 in batches of 500",
            curve=curves.steady,
            arrivals=10_200,
            seconds=30,
            scale=0.2,
            per_user=1.0,  # a batch takes a while; users of a slower pace have the time
            sends=frozenset({"pushes"}),
        ),
        Scenario(
            name="slow_clients",
            idea="60,000 honest callbacks among thousands of slow, silent and broken clients",
            curve=curves.steady,
            arrivals=60_000,
            seconds=30,
            scale=0.1,
            honest=0.1,
        ),
        Scenario(
            name="overload_ramp",
            idea="1, 2, 5, 10 times the capacity (2,000 callbacks a second, or --capacity), and back",
            curve=curves.stairs,
            arrivals=456_000,
            seconds=60,
            scale=0.03,
            per_user=1.0,  # many users, so that one that waits for an answer holds back little of what is offered
        ),
    )
}
