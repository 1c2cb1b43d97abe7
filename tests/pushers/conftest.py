"""A bench for each test of a whole pusher."""

from collections.abc import AsyncIterator

import pytest
import trio

from queues.pushes.appender import PushAppender
from queues.store import Store
from tests.pushers.fake_platform import FakePlatform
from tests.pushers.worker_bench import Bench


@pytest.fixture
async def bench(store: Store) -> AsyncIterator[Bench]:
    async with trio.open_nursery() as nursery:
        platform, appender = FakePlatform(), PushAppender(store)
        await nursery.start(platform.serve)
        await nursery.start(appender.run)
        yield Bench(store, platform, appender)
        nursery.cancel_scope.cancel()
