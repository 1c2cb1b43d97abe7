"""Waits until nothing is on its way any more: no push in a queue, a claim or later, no event unread, no receipt due."""

import trio
from redis import RedisError

from loadtests.audit.platform_reader import PlatformReader
from loadtests.audit.store_address import open_client
from loadtests.audit.store_reader import StoreReader

LOOK_SECONDS = 0.5


async def until_drained(store_url: str, platform_url: str = "") -> None:
    """Return once it is so, twice in a row: what moves may be seen in neither place. Bound it with a deadline.

    A store that does not answer may be on its way back, so it is asked again. Raises PlatformUnreachableError.
    """
    quiet = 0
    while quiet < 2:  # noqa: PLR2004 – see above
        await trio.sleep(LOOK_SECONDS)
        try:
            waiting = await trio.to_thread.run_sync(backlog, store_url)
        except RedisError:
            waiting = 1
        if platform_url:
            waiting += (await trio.to_thread.run_sync(PlatformReader(platform_url).summary)).pending
        quiet = quiet + 1 if waiting == 0 else 0


def backlog(store_url: str) -> int:
    """Pushes and events that wait in the store. It blocks. Raises redis.RedisError."""
    client = open_client(store_url)
    try:
        return StoreReader(client).backlog()
    finally:
        client.close()
