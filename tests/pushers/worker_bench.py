"""A whole pusher process against a tiny platform and a real store: what tests of it stand on."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio

from pushers.settings import PusherSettings
from pushers.worker import Worker
from queues.account import Account, ApiLimit
from queues.push import NewPush, PushStatus
from queues.pushes.appender import PushAppender
from queues.pushes.jobs import read_push
from queues.secret import Secret
from queues.store import Store
from tests.pushers.fake_platform import FakePlatform


class Hasty(random.Random):
    """Always the shortest wait."""

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


class Bench:
    """What a test pushes with."""

    def __init__(self, store: Store, platform: FakePlatform, appender: PushAppender) -> None:
        self.store = store
        self.platform = platform
        self.appender = appender
        self.drain = trio.Event()

    def account(self, *, secret: str = "right", limit: ApiLimit | None = None) -> Account:
        return Account(
            name="city",
            app_id="wx0000000000000001",
            app_secret=Secret(secret),
            api_base=self.platform.base,
            limits={"template": limit} if limit else {},
        )

    async def append(self, *pushes: NewPush) -> list[str]:
        return [accepted.id for accepted in await self.appender.append(pushes)]

    async def until(self, push_id: str, *states: str) -> PushStatus:
        """The push, once it is in one of the states; the store's answer is what is waited for."""
        while True:
            status = await read_push(self.store, push_id)
            assert status is not None
            if status.state in states:
                return status


@asynccontextmanager
async def pusher(
    bench: Bench, account: Account | None = None, *, rng: random.Random | None = None, **settings: float
) -> AsyncIterator[None]:
    """A running pusher, drained at the end; a test that waits in vain fails."""
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            worker = Worker(
                PusherSettings(**settings),  # type: ignore[arg-type]
                [account or bench.account()],
                bench.store,
                rng=rng or Hasty(),
            )
            await nursery.start(worker.run, bench.drain)
            yield
            bench.drain.set()


def refuse(errcode: int, errmsg: str = "", *, times: int = 1_000) -> Callable[[dict[str, object], int], object]:
    """Answer the first attempts for each recipient like this, and accept the rest."""

    def answer(body: dict[str, object], attempt: int) -> object:
        if attempt <= times:
            return {"errcode": errcode, "errmsg": f"{errmsg} rid: 6630f0b8-1b2f7bd4-0f0f0f0f"}
        return {"errcode": 0, "errmsg": "ok", "msgid": 3_557_254_367_693_750_277}

    return answer
