"""R14, the ingress side: one upstream floods the push interface while twenty small ones use it as ever.

Each small upstream enqueues one push every 100 ms, first with nobody beside it, then beside an upstream that sends
batches of 500 over eight connections as fast as they are answered, and does not care for `Retry-After`. The measure is
the small ones' p99 from one request's first byte to its answer, as a multiple of that alone; and that none of theirs
is refused or lost. Nothing is sent on: what a pusher makes of it is R14's other half.
"""

import math
import random
import sys
from collections import Counter
from contextlib import closing
from functools import partial
from typing import Annotated

import msgspec
import trio
import typer
from msgspec import Struct

from loadtests.bench.figures import percentile
from loadtests.http_client import ConnectionLostError, HttpConnection, parse_target
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.stand import ACCOUNT, Stand, StandError, StandOptions, open_stand

_FLOOD = "flood"
_SMALL = 20
_PAUSE_SECONDS = 0.1
_FLOOD_CONNECTIONS, _FLOOD_BATCH = 8, 500
_SETTLING_SECONDS = 2.0
"""The flood's first moments: its rate lets ten seconds' worth in at once."""
_MOST = 2.0
_UPSTREAM = """
[[upstreams]]
name = "{name}"
key = "{key}"
per_second = {per_second}
"""
_ACCEPTED = 202


class Told(Struct, frozen=True, kw_only=True):
    """The one line a run ends with. Times in milliseconds; `flood` counts its requests by status."""

    scenario: str = "R14-in"
    per_second: float
    seconds: float
    alone_p50: float
    alone_p99: float
    beside_p50: float
    beside_p99: float
    p99_ratio: float
    requests: int
    refused: int
    flood: dict[str, int]
    passed: bool


class _Small(Struct):
    """What the small upstreams were answered."""

    latencies: list[float] = []
    refused: int = 0


def _key(upstream: str) -> str:
    return f"{upstream}-upstream-key"


def _request(upstream: str, pushes: int) -> bytes:
    items = [
        {"account": ACCOUNT, "to": f"oFlood{number:022d}", "template_id": "TPL", "data": {"thing1": f"{upstream}"}}
        for number in range(pushes)
    ]
    body = msgspec.json.encode({"pushes": items})
    head = (
        f"POST /v1/pushes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {_key(upstream)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _use(url: str, upstream: str, small: _Small, began_after: float) -> None:
    """One small upstream, until cancelled; its requests are spread over the pause by chance, with a fixed seed."""
    request = _request(upstream, 1)
    pauses = random.Random(upstream)
    due = trio.current_time() + pauses.uniform(0, _PAUSE_SECONDS)
    with closing(HttpConnection(parse_target(url))) as connection:
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
    request = _request(_FLOOD, _FLOOD_BATCH)
    with closing(HttpConnection(parse_target(url))) as connection:
        while True:
            try:
                answers[str((await connection.request(request)).status)] += 1
            except ConnectionLostError:
                answers["lost"] += 1


async def _measure(stand: Stand, seconds: float, flood: Counter[str] | None) -> _Small:
    small = _Small()
    url = f"{stand.gateway_url}/v1/pushes"
    settling = _SETTLING_SECONDS
    with trio.move_on_after(settling + seconds):
        async with trio.open_nursery() as nursery:
            for number in range(_SMALL):
                nursery.start_soon(_use, url, f"small-{number}", small, trio.current_time() + settling)
            if flood is not None:
                for _ in range(_FLOOD_CONNECTIONS):
                    nursery.start_soon(_flood, url, flood)
    return small


async def run(seconds: float, per_second: float) -> Told:
    """Measure alone and beside the flood, whose rate is `per_second` (0: none). Raises StandError."""
    upstreams = {_FLOOD: per_second} | {f"small-{number}": 0.0 for number in range(_SMALL)}
    flood: Counter[str] = Counter()
    more = "".join(_UPSTREAM.format(name=name, key=_key(name), per_second=rate) for name, rate in upstreams.items())
    async with open_stand(StandOptions(platform=SimulatorOptions(), pushers=0, more=more)) as stand:
        alone = await _measure(stand, seconds, None)
        beside = await _measure(stand, seconds, flood)
    quiet, loud = sorted(alone.latencies), sorted(beside.latencies)
    ratio = percentile(loud, 0.99) / percentile(quiet, 0.99) if quiet and loud else math.inf
    refused = alone.refused + beside.refused
    return Told(
        per_second=per_second,
        seconds=seconds,
        alone_p50=round(percentile(quiet, 0.5) * 1000, 2),
        alone_p99=round(percentile(quiet, 0.99) * 1000, 2),
        beside_p50=round(percentile(loud, 0.5) * 1000, 2),
        beside_p99=round(percentile(loud, 0.99) * 1000, 2),
        p99_ratio=round(ratio, 2),
        requests=len(quiet) + len(loud),
        refused=refused,
        flood=dict(flood),
        passed=ratio <= _MOST and not refused,
    )


def main(
    *,
    seconds: Annotated[float, typer.Option(min=1, help="of each measurement")] = 20.0,
    per_second: Annotated[float, typer.Option(min=0, help="the rate of the flooding upstream; 0: none")] = 500.0,
) -> None:
    """Measure, and print one JSON line; exit 1 if the small ones were worse off than twice."""
    try:
        told = trio.run(partial(run, seconds, per_second))
    except StandError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    print(msgspec.json.encode(told).decode())
    raise typer.Exit(not told.passed)


if __name__ == "__main__":
    typer.run(main)
