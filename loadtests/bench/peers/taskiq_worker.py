"""taskiq with aiohttp: a list as its queue, no results kept, uvloop."""

import asyncio

# Lives in an environment of its own (queue_peers.py), not in the project's.
import aiohttp  # type: ignore[import-not-found,unused-ignore]
import uvloop  # type: ignore[import-not-found,unused-ignore]
from taskiq.api import run_receiver_task  # type: ignore[import-not-found,unused-ignore]
from taskiq_redis import ListQueueBroker  # type: ignore[import-not-found,unused-ignore]

from loadtests.bench.peers.queue_work import SETTINGS, URL, body, check, wait_for_end, wait_for_start

broker = ListQueueBroker(f"unix://{SETTINGS['socket']}", queue_name=SETTINGS["run"], socket_timeout=None)
left = SETTINGS["count"]
done: asyncio.Event
session: aiohttp.ClientSession


@broker.task  # type: ignore[untyped-decorator,unused-ignore]
async def push(number: int) -> None:
    global left  # noqa: PLW0603 – the state of a script
    async with session.post(URL, data=body(number)) as answer:
        check(await answer.json(content_type=None))
    left -= 1
    if not left:
        done.set()


async def main() -> None:
    global done, session  # noqa: PLW0603 – see above
    done = asyncio.Event()
    await broker.startup()
    for start in range(0, SETTINGS["count"], 100):
        await asyncio.gather(*(push.kiq(number) for number in range(start, min(start + 100, SETTINGS["count"]))))
    wait_for_start()
    connections = aiohttp.TCPConnector(limit=SETTINGS["concurrency"])
    async with aiohttp.ClientSession(connector=connections) as session:
        receiver = run_receiver_task(
            broker, validate_params=False, max_async_tasks=SETTINGS["concurrency"], max_prefetch=SETTINGS["concurrency"]
        )
        receiving = asyncio.create_task(receiver)
        await done.wait()
        wait_for_end()
        receiving.cancel()


uvloop.run(main())
