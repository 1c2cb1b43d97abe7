"""What a neighbour costs: small senders alone, and the same beside one that floods or is dead (R14).

    python -m loadtests.fairness upstreams     20 upstreams of one account, and one that enqueues 20,000 at once
    python -m loadtests.fairness accounts      199 accounts, and one whose platform never answers

How it works: an open loop. Each small sender enqueues single pushes at times planned beforehand; what counts is the
time from then until the platform took the push, by its own ledger. First alone, then beside the neighbour, on one
stand. The last line is one JSON object; exit status 0 if the p99 beside is at most twice the p99 alone.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import trio
from msgspec import Struct

from loadtests.audit.platform_reader import PlatformReader
from loadtests.generators.campaign import CampaignOptions, run_campaign
from loadtests.http_client import ConnectionLostError, HttpConnection, parse_target
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.stand import ACCOUNT, UPSTREAM_KEY, Stand, StandOptions, open_stand
from loadtests.stand.tcp_proxy import Link

Kind = Literal["upstreams", "accounts"]

RATE = 400
"""Pushes a second that an account may send."""
PER_SECOND = 40.0
"""Of all small senders together."""
SECONDS = 20.0
DRAIN_SECONDS = 5.0
NEIGHBOUR_PUSHES = 20_000
MOST_TIMES = 2.0

_UPSTREAM = """
[[upstreams]]
name = "{name}"
key = "key-of-{name}"
"""
_ACCOUNT = """
[[accounts]]
name = "{name}"
app_id = "{app_id}"
app_secret = "{app_secret}"
token = "{token}"
api_base = "{{platform}}"

[accounts.limits.template]
per_second = {rate}
"""


class Sender(Struct, frozen=True):
    """Who sends, and through which account."""

    account: str
    key: str


class Latency(Struct, frozen=True, kw_only=True):
    """Seconds from the planned time to the platform; `missing` were not taken in time."""

    pushes: int
    missing: int
    p50: float
    p99: float
    longest: float


def senders(kind: Kind, count: int) -> list[Sender]:
    if kind == "upstreams":
        return [Sender(ACCOUNT, f"key-of-small-{n}") for n in range(count)]
    return [Sender(f"small-{n}", UPSTREAM_KEY) for n in range(count)]


def configuration(kind: Kind, count: int, platform: SimulatorOptions) -> str:
    """What the stand's configuration has besides its one account and upstream."""
    if kind == "upstreams":
        return "".join(_UPSTREAM.format(name=f"small-{n}") for n in range(count))
    account = {"app_id": platform.app_id, "app_secret": platform.app_secret, "token": platform.token, "rate": RATE}
    return "".join(_ACCOUNT.format(name=f"small-{n}", **account) for n in range(count))


async def trickle(stand: Stand, small: Sequence[Sender], rng: random.Random) -> dict[str, float]:
    """Send by plan; when (seconds since the epoch) each accepted push was planned, by its id."""
    plan = sorted((rng.uniform(0, SECONDS), n % len(small)) for n in range(int(PER_SECOND * SECONDS)))
    planned: dict[str, float] = {}
    began, wall = trio.current_time(), time.time()

    async def send(at: float, sender: Sender, number: int) -> None:
        if push_id := await _enqueue(stand, sender, number):
            planned[push_id] = wall + at

    async with trio.open_nursery() as nursery:
        for number, (at, index) in enumerate(plan):
            await trio.sleep_until(began + at)
            nursery.start_soon(send, at, small[index], number)
    return planned


async def _enqueue(stand: Stand, sender: Sender, number: int) -> str:
    target = parse_target(f"{stand.gateway_url}/v1/pushes")
    item = {"account": sender.account, "to": f"oSmall{number:022d}", "template_id": "T", "data": {"thing1": "办理进度"}}
    body = msgspec.json.encode({"pushes": [item]})
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\nAuthorization: Bearer {sender.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = HttpConnection(target)
    try:
        answer = await connection.request(head.encode() + body)
    except ConnectionLostError:
        return ""
    finally:
        connection.close()
    [result] = json.loads(answer.body).get("results", [{}])
    return str(result.get("id") or "")


def latency(planned: Mapping[str, float], taken: Mapping[str, float]) -> Latency:
    """`taken` is when the platform took a push, by its id."""
    waits = sorted(taken[push_id] - at for push_id, at in planned.items() if push_id in taken) or [float("inf")]
    return Latency(
        pushes=len(planned),
        missing=sum(push_id not in taken for push_id in planned),
        p50=round(waits[len(waits) // 2], 4),
        p99=round(waits[min(len(waits) - 1, int(len(waits) * 0.99))], 4),
        longest=round(waits[-1], 4),
    )


async def measure(kind: Kind, count: int, seed: int) -> dict[str, object]:
    """Both phases on one stand. Raises StandError if it does not start."""
    rng, platform = random.Random(seed), SimulatorOptions(seed=seed, latency_ms=50)
    options = StandOptions(
        platform=platform, per_second=RATE, proxied=("platform",), more=configuration(kind, count, platform)
    )
    small = senders(kind, count)
    async with open_stand(options) as stand:
        await trickle(stand, small[:1], rng)  # until every process has its tokens and connections
        alone = await trickle(stand, small, rng)
        if kind == "accounts":
            stand.proxies["platform"].set(Link(blackhole=True))
        await run_campaign(
            CampaignOptions(
                url=stand.gateway_url, key=UPSTREAM_KEY, account=ACCOUNT, count=NEIGHBOUR_PUSHES, seconds=30, seed=seed
            )
        )
        beside = await trickle(stand, small, rng)
        await trio.sleep(DRAIN_SECONDS)
        view = await trio.to_thread.run_sync(PlatformReader(stand.platform_url).view)
    taken = {row.client_msg_id: row.at for row in reversed(view.sends)}
    figures = latency(alone, taken), latency(beside, taken)
    times = round(figures[1].p99 / figures[0].p99, 2)
    return {
        "neighbour": "an upstream that floods" if kind == "upstreams" else "an account whose platform is silent",
        "small": count,
        "alone": msgspec.to_builtins(figures[0]),
        "beside": msgspec.to_builtins(figures[1]),
        "p99_times": times,
        "passed": times <= MOST_TIMES and not figures[1].missing,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="What a neighbour costs small senders (R14).")
    parser.add_argument("kind", choices=("upstreams", "accounts"))
    parser.add_argument("--small", type=int, default=0, help="small senders (default: 20 upstreams, 199 accounts)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    count = given.small or (20 if given.kind == "upstreams" else 199)
    result = trio.run(measure, given.kind, count, given.seed)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
