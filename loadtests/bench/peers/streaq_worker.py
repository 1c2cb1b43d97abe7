"""streaq on trio, with httpx: the nearest to us in the choice of its loop."""

import os

# Lives in an environment of its own (queue_peers.py), not in the project's.
import httpx
import trio
from streaq import Worker  # type: ignore[import-not-found,unused-ignore]

from loadtests.bench.peers.queue_work import SETTINGS, URL, body, check, wait_for_end, wait_for_start

concurrency = SETTINGS["concurrency"]
worker = Worker(
    redis_url=f"unix://{SETTINGS['socket']}",
    queue_name=SETTINGS["run"],
    concurrency=concurrency,
    anyio_backend="trio",
    handle_signals=False,
)
limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
client = httpx.AsyncClient(limits=limits, timeout=30, trust_env=False)
left = SETTINGS["count"]


@worker.task(ttl=0)  # type: ignore[untyped-decorator,unused-ignore]
async def push(number: int) -> None:
    global left  # noqa: PLW0603 – the state of a script
    answer = await client.post(URL, content=body(number))
    check(answer.json())
    left -= 1
    if not left:
        wait_for_end()
        os._exit(0)


async def main() -> None:
    async with worker:
        for start in range(0, SETTINGS["count"], 100):
            await worker.enqueue_many(
                [push.enqueue(number) for number in range(start, min(start + 100, SETTINGS["count"]))]
            )
    wait_for_start()
    await worker.run_async()


trio.run(main)
