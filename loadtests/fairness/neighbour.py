"""What a neighbour costs small senders until the platform has their pushes: alone, and beside it (R14).

How it works: an open loop. Each small sender enqueues single pushes at times planned beforehand; what counts is the
time from then until the platform took the push, by its own ledger. First alone; then the neighbour enqueues everything
at once, and they go on beside it, on the same stand. Beside upstreams of one account the neighbour is another upstream
of it; beside accounts it is another account, whose platform takes connections and never answers. The ratio of two tails
is at the mercy of one hiccup of the machine, so both phases may take turns several times, and the medians count.
"""

import json
import random
import time
from collections.abc import Mapping, Sequence
from statistics import median

import trio
from msgspec import Struct

from loadtests.audit.platform_reader import PlatformReader
from loadtests.fairness.senders import Kind, Sender
from loadtests.generators.campaign import CampaignOptions, run_campaign
from loadtests.http_client import ConnectionLostError, HttpConnection, parse_target, post_pushes
from loadtests.ledgers import CampaignRow
from loadtests.percentiles import percentile
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY
from loadtests.stand.stand import Stand
from loadtests.stand.tcp_proxy import WELL, Link

_PER_SECOND = 40.0
"""Of all small senders together: a tenth of what the account may send in R14."""
_SETTLING_SECONDS = 5.0
"""For the last pushes to get to the platform."""
_ENQUEUE_SECONDS = 30
_TRIES = 3
_DRAIN_SECONDS, _QUIET_SECONDS = 120.0, 2.0


class Latency(Struct, frozen=True, kw_only=True):
    """Seconds from the planned time to the platform; `missing` were not taken in time."""

    pushes: int
    missing: int
    p50: float
    p99: float
    longest: float


class Round(Struct, frozen=True, kw_only=True):
    """The small senders' latency alone and then beside the neighbour, and what that had enqueued."""

    alone: Latency
    beside: Latency
    neighbour: Sequence[CampaignRow]


class Comparison(Struct, frozen=True):
    """All rounds of one stand; medians over them."""

    rounds: Sequence[Round]

    @property
    def beside_p99(self) -> float:
        return median(each.beside.p99 for each in self.rounds)

    @property
    def p99_ratio(self) -> float:
        return round(median(each.beside.p99 / each.alone.p99 for each in self.rounds), 2)

    @property
    def missing(self) -> int:
        return sum(each.alone.missing + each.beside.missing for each in self.rounds)

    @property
    def neighbour(self) -> list[CampaignRow]:
        return [row for each in self.rounds for row in each.neighbour]


async def compare(
    stand: Stand, kind: Kind, small: Sequence[Sender], *, rounds: int, seconds: float, flood: int, chance: random.Random
) -> Comparison:
    """Measure both phases, each of some seconds, in turn; the neighbour enqueues `flood` pushes between the two.

    Its platform, where that is silent, is well again after each round. For accounts the stand proxies the platform.
    """
    await _trickle(stand, small[:1], seconds, chance)  # until every process has its tokens and connections
    done: list[Round] = []
    for _ in range(rounds):
        if done:
            await _drained(stand)
        done.append(await _round(stand, kind, small, seconds, flood, chance))
    return Comparison(done)


async def _round(
    stand: Stand, kind: Kind, small: Sequence[Sender], seconds: float, flood: int, chance: random.Random
) -> Round:
    alone = await _trickle(stand, small, seconds, chance)
    if kind == "accounts":
        stand.proxies["platform"].set(Link(blackhole=True))
    campaign = CampaignOptions(
        url=stand.gateway_url,
        key=UPSTREAM_KEY,
        account=ACCOUNT,
        count=flood,
        seconds=_ENQUEUE_SECONDS,
        seed=chance.randrange(10_000),  # other people than those of a load beside it
    )
    neighbour = await run_campaign(campaign)
    beside = await _trickle(stand, small, seconds, chance)
    await trio.sleep(_SETTLING_SECONDS)
    view = await trio.to_thread.run_sync(PlatformReader(stand.platform_url).view)
    if kind == "accounts":
        stand.proxies["platform"].set(WELL)
    taken = {row.client_msg_id: row.at for row in reversed(view.sends)}
    return Round(alone=latency(alone, taken), beside=latency(beside, taken), neighbour=neighbour.rows)


async def _drained(stand: Stand) -> None:
    """Until the platform is sent nothing any more."""
    reader, before = PlatformReader(stand.platform_url), -1
    with trio.move_on_after(_DRAIN_SECONDS):
        while (now := (await trio.to_thread.run_sync(reader.summary)).counts.get("accepted", 0)) != before:
            before = now
            await trio.sleep(_QUIET_SECONDS)


async def _trickle(stand: Stand, small: Sequence[Sender], seconds: float, chance: random.Random) -> dict[str, float]:
    """Send by plan; when (seconds since the epoch) each push was planned, by its id, or by its number if refused."""
    plan = sorted((chance.uniform(0, seconds), n % len(small)) for n in range(int(_PER_SECOND * seconds)))
    planned: dict[str, float] = {}
    began, wall = trio.current_time(), time.time()

    async def send(at: float, sender: Sender, number: int) -> None:
        push_id = await _enqueue(stand, sender, number)
        planned[push_id or f"refused {number}"] = wall + at

    async with trio.open_nursery() as nursery:
        for number, (at, index) in enumerate(plan):
            await trio.sleep_until(began + at)
            nursery.start_soon(send, at, small[index], number)
    return planned


async def _enqueue(stand: Stand, sender: Sender, number: int) -> str:
    """The push's id; empty if it was not taken. Who is told to wait does so, and its latency goes on counting."""
    target = parse_target(f"{stand.gateway_url}/v1/pushes")
    item = {"account": sender.account, "to": f"oSmall{number:022d}", "template_id": "T", "data": {"thing1": "办理进度"}}
    connection = HttpConnection(target)
    for _ in range(_TRIES):
        try:
            answer = await connection.request(post_pushes(target, [item], sender.key))
        except ConnectionLostError:
            return ""
        finally:
            connection.close()
        if not answer.retry_after:
            break
        await trio.sleep(answer.retry_after)
    [result] = json.loads(answer.body).get("results", [{}])
    return str(result.get("id") or "")


def latency(planned: Mapping[str, float], taken: Mapping[str, float]) -> Latency:
    """`taken` is when the platform took a push, by its id."""
    waits = sorted(taken[push_id] - at for push_id, at in planned.items() if push_id in taken) or [float("inf")]
    return Latency(
        pushes=len(planned),
        missing=sum(push_id not in taken for push_id in planned),
        p50=round(percentile(waits, 0.5), 4),
        p99=round(percentile(waits, 0.99), 4),
        longest=round(waits[-1], 4),
    )
