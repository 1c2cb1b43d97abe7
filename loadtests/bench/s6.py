"""S6: how long a push takes from being enqueued to its first byte at the platform, at half of what one pusher can do.

An open loop posts small batches to the gateway at a steady pace; a push counts from just before its request is written
to the time at which the platform's kernel received it. The pusher has the first core, everything else the second.
"""

import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import trio
import typer
from msgspec import Struct

from loadtests.bench.programs import ProgramError, cores, end_on_sigterm
from loadtests.bench.push_stand import LATENCY_MS, PushStand
from loadtests.http_client import HttpConnection, Target, parse_target, post_pushes
from loadtests.percentiles import percentile
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY

_IN_FLIGHT = 200
_BATCH = 10
_CONNECTIONS = 8
_WARM_SECONDS = 1.0
_ACCEPTED = 202
_GOAL_MS = 20.0


class Report(Struct, frozen=True, kw_only=True):
    """What is printed; `behind_ms` is how late the generator itself was at most."""

    bench: str = "S6"
    pushes: int
    per_second: float
    p50_ms: float
    p99_ms: float
    slowest_ms: float
    behind_ms: float
    goal_ms: float = _GOAL_MS


class _Id(Struct, frozen=True):
    id: str


class _Results(Struct, frozen=True):
    results: list[_Id]


class _Upstream:
    """Posts batches at their times; `enqueued` says when each push was, in seconds since the epoch."""

    def __init__(self, url: str, batches: int, per_second: float) -> None:
        self._target: Target = parse_target(f"{url}/v1/pushes")
        self._numbers = iter(range(batches))
        self._pace = _BATCH / per_second
        self._began = 0.0
        self.enqueued: dict[str, float] = {}
        self.behind = 0.0

    async def run(self) -> None:
        self._began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for _ in range(_CONNECTIONS):
                nursery.start_soon(self._post)

    async def _post(self) -> None:
        connection = HttpConnection(self._target)
        for number in self._numbers:
            due = self._began + number * self._pace
            await trio.sleep_until(due)
            self.behind = max(self.behind, trio.current_time() - due)
            began = time.time()
            answer = await connection.request(_request(self._target, number))
            if answer.status != _ACCEPTED:
                raise ProgramError(f"the gateway answered {answer.status}")
            for result in msgspec.json.decode(answer.body, type=_Results).results:
                self.enqueued[result.id] = began
        connection.close()


def _request(target: Target, number: int) -> bytes:
    pushes = [
        {
            "account": ACCOUNT,
            "to": f"oPush0002{number * _BATCH + n:019d}",
            "template_id": "TPL_NOTICE",
            "data": {"thing1": f"办理进度 {n}", "number2": str(n), "time3": "2024-04-26 14:30"},
        }
        for n in range(_BATCH)
    ]
    return post_pushes(target, pushes, UPSTREAM_KEY)


def run(seconds: float) -> Report:
    """Push for so long, after a second to warm up."""
    per_second = _IN_FLIGHT * 1000 / LATENCY_MS / 2
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        stand = PushStand(stack, Path(name))
        stack.enter_context(stand.pusher(_IN_FLIGHT))
        stand.enqueue(_BATCH)  # the pusher has its token when this has come through
        stand.platform.until_accepted(_BATCH)
        upstream = _Upstream(stand.gateway, int((seconds + _WARM_SECONDS) * per_second / _BATCH), per_second)
        usable = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {cores()[1]})
        trio.run(upstream.run)
        os.sched_setaffinity(0, usable)
        stand.platform.until_accepted(_BATCH + len(upstream.enqueued))
        arrived = {row.client_msg_id: row.at for row in stand.platform.sends()}
    first = min(upstream.enqueued.values()) + _WARM_SECONDS
    waits = sorted(arrived[each] - at for each, at in upstream.enqueued.items() if at >= first)
    return Report(
        pushes=len(waits),
        per_second=per_second,
        p50_ms=round(percentile(waits, 0.5) * 1000, 2),
        p99_ms=round(percentile(waits, 0.99) * 1000, 2),
        slowest_ms=round(waits[-1] * 1000, 2),
        behind_ms=round(upstream.behind * 1000, 2),
    )


def main(*, seconds: Annotated[float, typer.Option(min=1, help="of load that counts")] = 10.0) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(seconds)).decode())


if __name__ == "__main__":
    typer.run(main)
