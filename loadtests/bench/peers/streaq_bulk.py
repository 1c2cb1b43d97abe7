"""streaq's enqueue_many, 300 bytes a job. Arguments: SOCKET PUSHES BATCH."""

import asyncio
import sys
import time

# These live in an environment of their own (enqueuers.py), not in the project's.
from coredis.connection import UnixDomainSocketLocation  # type: ignore[import-not-found,unused-ignore]
from coredis.pool import ConnectionPool  # type: ignore[import-not-found,unused-ignore]
from streaq import Worker  # type: ignore[import-not-found,unused-ignore]

_PAYLOAD = "x" * 300


async def main(socket: str, pushes: int, batch: int) -> None:
    """Say "ready", wait for a line, enqueue, and print the seconds."""
    pool = ConnectionPool(location=UnixDomainSocketLocation(socket), decode_responses=True)
    worker = Worker(redis_pool=pool)

    @worker.task  # type: ignore[untyped-decorator,unused-ignore]
    async def push(payload: str) -> None: ...

    async with worker:
        await worker.enqueue_many([push.enqueue(_PAYLOAD) for _ in range(batch)])
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        for _ in range(pushes // batch):
            await worker.enqueue_many([push.enqueue(_PAYLOAD) for _ in range(batch)])
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
