"""arq with httpx: polls every 10 ms, keeps no results, uvloop."""

import asyncio

# Lives in an environment of its own (queue_peers.py), not in the project's.
import httpx
import uvloop  # type: ignore[import-not-found,unused-ignore]
from arq import create_pool  # type: ignore[import-not-found,unused-ignore]
from arq.connections import RedisSettings  # type: ignore[import-not-found,unused-ignore]
from arq.worker import Worker  # type: ignore[import-not-found,unused-ignore]

from loadtests.bench.peers.queue_work import SETTINGS, URL, body, check, wait_for_end, wait_for_start


async def push(context: dict[str, httpx.AsyncClient], number: int) -> None:
    answer = await context["client"].post(URL, content=body(number))
    check(answer.json())


async def main() -> None:
    concurrency = SETTINGS["concurrency"]
    redis = RedisSettings(unix_socket_path=SETTINGS["socket"])
    pool = await create_pool(redis)
    for start in range(0, SETTINGS["count"], 100):
        numbers = range(start, min(start + 100, SETTINGS["count"]))
        await asyncio.gather(*(pool.enqueue_job("push", number, _queue_name=SETTINGS["run"]) for number in numbers))
    wait_for_start()
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:
        worker = Worker(
            [push],
            queue_name=SETTINGS["run"],
            redis_settings=redis,
            burst=True,
            max_jobs=concurrency,
            poll_delay=0.01,
            keep_result=0,
            handle_signals=False,
            log_results=False,
            ctx={"client": client},
        )
        await worker.main()
        wait_for_end()


uvloop.run(main())
