"""What a flood of push requests costs small upstreams until the gateway has answered theirs (R14, the way in).

Each small upstream enqueues one push every 100 ms, first with nobody beside it, then beside an upstream that sends
batches of 500 over eight connections as fast as they are answered, and does not care for `Retry-After`. The measure is
the small ones' time from a request's first byte to its answer; and that none of theirs is refused or lost.
"""

import random
from collections import Counter
from contextlib import closing

import trio
from msgspec import Struct

from loadtests.http_client import ConnectionLostError, HttpConnection, Target, parse_target, post_pushes
from loadtests.percentiles import percentile
from loadtests.stand.configuration import ACCOUNT, one_more_upstream, upstream_key
from loadtests.stand.stand import Stand

_FLOOD = "flood"
_PAUSE_SECONDS = 0.1
_FLOOD_CONNECTIONS, _FLOOD_BATCH = 8, 500
_SETTLING_SECONDS = 2.0
"""The flood's first moments: its rate lets ten seconds' worth in at once."""
_ACCEPTED = 202


class Intake(Struct, frozen=True, kw_only=True):
    """The small upstreams' latencies in seconds, ascending; `refused` are theirs, `flood` its answers by status."""

    alone: list[float]
    beside: list[float]
    refused: int
    flood: Counter[str]

    @property
    def beside_p99(self) -> float:
        return round(percentile(self.beside, 0.99), 4)

    @property
    def p99_ratio(self) -> float:
        alone = percentile(self.alone, 0.99)
        return round(percentile(self.beside, 0.99) / alone, 2) if alone else float("inf")


class _Small(Struct):
    """What the small upstreams were answered."""

    latencies: list[float] = []
    refused: int = 0


def configuration(small: int, per_second: float) -> str:
    """What the stand's configuration needs; the flooding upstream may enqueue `per_second` (0: no limit)."""
    upstreams = {_FLOOD: per_second} | {f"small-{number}": 0.0 for number in range(small)}
    return "".join(one_more_upstream(name, per_second=rate) for name, rate in upstreams.items())


async def compare(stand: Stand, small: int, seconds: float) -> Intake:
    """Measure alone and beside the flood, each for some seconds."""
    flood: Counter[str] = Counter()
    alone = await _measure(stand, small, seconds, None)
    beside = await _measure(stand, small, seconds, flood)
    return Intake(
        alone=sorted(alone.latencies),
        beside=sorted(beside.latencies),
        refused=alone.refused + beside.refused,
        flood=flood,
    )


async def _measure(stand: Stand, count: int, seconds: float, flood: Counter[str] | None) -> _Small:
    small = _Small()
    url = f"{stand.gateway_url}/v1/pushes"
    with trio.move_on_after(_SETTLING_SECONDS + seconds):
        async with trio.open_nursery() as nursery:
            for number in range(count):
                nursery.start_soon(_use, url, f"small-{number}", small, trio.current_time() + _SETTLING_SECONDS)
            if flood is not None:
                for _ in range(_FLOOD_CONNECTIONS):
                    nursery.start_soon(_flood, url, flood)
    return small


async def _use(url: str, upstream: str, small: _Small, began_after: float) -> None:
    """One small upstream, until cancelled; its requests are spread over the pause by chance, with a fixed seed."""
    target = parse_target(url)
    request = _request(target, upstream, 1)
    pauses = random.Random(upstream)
    due = trio.current_time() + pauses.uniform(0, _PAUSE_SECONDS)
    with closing(HttpConnection(target)) as connection:
        while True:
            await trio.sleep_until(due)
            due += _PAUSE_SECONDS * pauses.uniform(0.5, 1.5)
            began = trio.current_time()
            try:
                status = (await connection.request(request)).status
            except ConnectionLostError:
                status = 0
            small.refused += status != _ACCEPTED
            if began >= began_after:
                small.latencies.append(trio.current_time() - began)


async def _flood(url: str, answers: Counter[str]) -> None:
    target = parse_target(url)
    request = _request(target, _FLOOD, _FLOOD_BATCH)
    with closing(HttpConnection(target)) as connection:
        while True:
            try:
                answers[str((await connection.request(request)).status)] += 1
            except ConnectionLostError:
                answers["lost"] += 1


def _request(target: Target, upstream: str, pushes: int) -> bytes:
    items = [
        {"account": ACCOUNT, "to": f"oFlood{number:022d}", "template_id": "TPL", "data": {"thing1": upstream}}
        for number in range(pushes)
    ]
    return post_pushes(target, items, upstream_key(upstream))
