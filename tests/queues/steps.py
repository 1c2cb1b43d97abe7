"""What tests do to a store on the way to what they are about."""

from collections.abc import Mapping

import trio

from queues.event import CallbackEvent
from queues.push import NewPush
from queues.pushes.appender import PushAppender
from queues.pushes.taker import Taken, TakeRequest, Terms
from queues.store import Store
from tests.queues.waiting_appender import WaitingAppender


async def append_events(store: Store, nursery: trio.Nursery, *events: CallbackEvent) -> int:
    """Append events of one recipient; their shard."""
    appender = WaitingAppender(store)
    await nursery.start(appender.run)
    for one in events:
        await appender.append(one)
    return store.shard_of(events[0].account, events[0].recipient)


async def append_pushes(store: Store, nursery: trio.Nursery, *pushes: NewPush) -> list[str]:
    """Append pushes; their ids."""
    appender = PushAppender(store)
    await nursery.start(appender.run)
    return [accepted.id for accepted in await appender.append(pushes)]


async def take(
    store: Store,
    feed: str,
    counts: Mapping[int, int],
    claim_seconds: float,
    terms: Terms = Terms(),  # noqa: B008  frozen
) -> Taken:
    """Take pushes as a feeder does, without a lease."""
    request = TakeRequest(feed=feed, counts=counts, claim_seconds=claim_seconds, terms=terms)
    asked = trio.current_time()
    return request.read(asked, await store.run("take", request.calls(store)))
