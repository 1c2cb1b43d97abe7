"""What the load lab's tests share."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import pytest
import trio

from loadtests.platform.delay_line import DelayLine
from loadtests.platform.http_server import Reply, Request, listen, serve

Serving = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture
def serving() -> Serving:
    """Serves a handler on loopback while the context is open; gives the address."""

    @asynccontextmanager
    async def serving(handler: Callable[[Request], Reply], *, signed: bool = False) -> AsyncIterator[str]:
        delays = DelayLine()
        listener = listen("127.0.0.1", 0)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(delays.run)
            nursery.start_soon(partial(serve, signed=signed), listener, handler, delays)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            nursery.cancel_scope.cancel()

    return serving
