"""What a run is told, and which of it makes no sense."""

import math
from typing import Final

from msgspec import Struct

from loadtests.arrivals.lag import Bounds
from loadtests.arrivals.schedule import Constant, Poisson, Shape, Spike, Step, Trace
from loadtests.arrivals.sources import PER_ADDRESS
from loadtests.platform.options import CallbackKeys

LONGEST_DEADLINE = 60.0
MOST_DELIVERIES = 3
"""The platform delivers a callback three times in all (§1.4)."""

FLAGS: Final = {
    "rate": "--rate",
    "seconds": "--seconds",
    "to": "--to",
    "steps": "--steps",
    "peak": "--peak",
    "at": "--spike-at",
    "lasts": "--spike-seconds",
    "path": "--trace",
    "speed": "--speed",
}
"""The command line's names for the fields of shapes."""


class ArrivalOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to send and how. Times in seconds; `url` is `http://HOST:PORT/callback/ACCOUNT`.

    * `in_flight`: most deliveries at one time, each on a connection of its own; an arrival beyond it is skipped and
      counted.
    * `opened`: connections made before the clock starts; the others are made when an arrival needs them, and then
      connecting is part of its latency, as it is for the platform.
    * `deliveries`: how often a callback is delivered before it is given up; the next one comes at once after silence
      (the platform has waited `deadline` by then) and `pause` after any other failure.
    * `owned`: a target off loopback is the caller's own.
    """

    url: str
    account: CallbackKeys
    shape: Shape
    in_flight: int = 4_000
    opened: int = 64
    deliveries: int = MOST_DELIVERIES
    deadline: float = 5.0
    pause: float = 0.5
    bounds: Bounds = Bounds()
    per_address: int = PER_ADDRESS
    owned: bool = False
    seed: int = 1


def check(options: ArrivalOptions) -> None:
    """Raises ValueError naming the first flag that makes no sense."""
    _check_shape(options.shape)
    bounds, account = options.bounds, options.account
    for held, words in (
        (options.in_flight >= 1, "--in-flight must be at least 1"),
        (0 <= options.opened <= options.in_flight, "--opened must be between 0 and --in-flight"),
        (1 <= options.deliveries <= MOST_DELIVERIES, f"--deliveries must be between 1 and {MOST_DELIVERIES}"),
        (0 < options.deadline <= LONGEST_DEADLINE, f"--deadline must be above 0 and at most {LONGEST_DEADLINE:g}"),
        (0 <= options.pause <= LONGEST_DEADLINE, f"--pause must be between 0 and {LONGEST_DEADLINE:g}"),
        (bounds.lag > 0, "--max-lag must be above 0"),
        (0 <= bounds.skipped <= 1, "--max-skipped must be between 0 and 1"),
        (bool(account.token), "--token must not be empty"),
        (account.mode == "plaintext" or bool(account.aes_key), f"--aes-key is needed with --mode {account.mode}"),
        (account.mode != "plaintext" or not account.aes_key, "--aes-key makes no sense with --mode plaintext"),
    ):
        _require(held, words)


def _check_shape(shape: Shape) -> None:
    for field, flag in FLAGS.items():
        value = getattr(shape, field, None)
        _require(not isinstance(value, float) or math.isfinite(value), f"{flag} must be a number that has an end")
    match shape:
        case Trace():
            _require(shape.speed > 0, "--speed must be above 0")
            return
        case Constant() | Poisson():
            _require(shape.rate > 0, "--rate must be above 0")
        case Step():
            _require(min(shape.rate, shape.to) >= 0, "--rate and --to must not be negative")
            _require(max(shape.rate, shape.to) > 0, "--rate and --to must not both be 0")
            _require(shape.steps >= 2, "--steps must be at least 2")  # noqa: PLR2004 – one step is constant
        case Spike():
            _require(shape.rate >= 0, "--rate must not be negative")
            _require(shape.peak > shape.rate, "--peak must be above --rate")
            _require(shape.at >= 0, "--spike-at must not be negative")
            _require(shape.lasts > 0, "--spike-seconds must be above 0")
            _require(shape.at + shape.lasts <= shape.seconds, "--spike-at and --spike-seconds must fit into --seconds")
    _require(getattr(shape, "seconds", 0) > 0, "--seconds must be above 0")


def _require(held: bool, words: str) -> None:
    if not held:
        raise ValueError(words)
