"""R5, small: a store behind Sentinel and a Cluster, as real processes, with their primaries killed."""

import signal
from contextlib import suppress

import pytest
import trio

from loadtests.chaos.faults.failover import cut_off_replicas
from loadtests.chaos.scene import until
from loadtests.stand.store_group import StoreGroup, start_group
from monitoring.names import STORE_LOST_BATCHES
from queues.account import Account, ApiLimit
from queues.errors import StoreUnavailableError
from queues.events.reader import read_events
from queues.events.settler import settle_events
from queues.limits.quota import read_quota
from queues.limits.rate import LeaseRequest
from queues.pushes.appender import PushAppender
from queues.pushes.dead import DeadFilter, list_dead
from queues.pushes.jobs import read_statuses
from queues.pushes.settler import settle
from queues.pushes.supply import Supplier
from queues.pushes.taker import TakeRequest
from queues.readings.backlog import read_backlog
from queues.readings.figures import read_figures
from queues.secret import Secret
from queues.settings import StoreSettings
from queues.store import Store, open_store
from queues.token import ask_token, publish_token, stored_token
from queues.wakeups import Wake, listen
from tests.queues.makers import ACCOUNT, FEED, event, outcome, push
from tests.queues.waiting_appender import WaitingAppender

CITY = Account(name=ACCOUNT, app_id="wx1", app_secret=Secret("s"), token=Secret("t"))

pytestmark = pytest.mark.e2e


@pytest.fixture(params=["sentinel", "cluster"])
async def group(request, tmp_path_factory):
    group = await start_group(request.param, tmp_path_factory.mktemp("g"))
    yield group
    await group.end()


@pytest.fixture
async def store(group):
    async with open_store(StoreSettings(url=group.url, durability="replica")) as store:
        yield store


async def appended(appender: WaitingAppender, number: int) -> None:
    """Append it; repeated as the platform would, until it is confirmed."""
    with trio.fail_after(120):
        while True:
            with suppress(StoreUnavailableError):
                await appender.append(event(number))
                return
            await trio.lowlevel.checkpoint()


async def kill_primary(group: StoreGroup, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
    """Kill one, and start it again once another has its place."""
    [dead, *others] = await group.primaries()
    await dead.process.end(signal.SIGKILL)
    task_status.started()

    async def replaced() -> bool:
        return len(await group.primaries()) > len(others)

    await until(replaced)
    await dead.process.start()


def lost_batches() -> float:
    [family] = STORE_LOST_BATCHES.collect()
    return family.samples[0].value


async def recipients(store: Store) -> set[str]:
    read = [entry for shard in range(store.shards) for entry in await read_events(store, shard, "reader", 1_000)]
    return {entry.event.recipient for entry in read if entry.event is not None}


async def test_everything_goes_to_the_server_that_holds_it(group, store, nursery):
    wakes: set[Wake] = set()
    await nursery.start(listen, store, wakes.add)
    events, pushes = WaitingAppender(store), PushAppender(store)
    await nursery.start(events.run)
    await nursery.start(pushes.run)
    for number in range(20):
        await appended(events, number)
    accepted = await pushes.append([push(f"oUSER{number}", key=f"k{number}") for number in range(20)])
    assert {status and status.state for status in await read_statuses(store, [each.id for each in accepted])} == {
        "queued"
    }
    assert (await read_backlog(store)).queued == {FEED: 20}

    lease = LeaseRequest(account=ACCOUNT, api="template", limit=ApiLimit(per_second=100, per_day=100), wanted=20)
    take = TakeRequest(feed=FEED, counts=dict.fromkeys(range(store.shards), 20), claim_seconds=10)
    supplied = await Supplier(store).supply(lease, take)
    assert len(supplied.taken.claims) == 20
    assert set(await settle(store, [outcome(claim, "sent") for claim in supplied.taken.claims], 60)) == {"sent"}

    read = [await read_events(store, shard, "dispatcher", 100) for shard in range(store.shards)]
    assert sum(map(len, read)) == 20
    for shard, entries in enumerate(read):
        await settle_events(store, shard, entries)
    figures = await read_figures(store, [CITY], holder="here", lease_seconds=5)
    assert figures is not None
    assert {(stat.queue, stat.depth) for stat in figures.stats.queues if stat.depth} == set()
    assert figures.vitals.replicas >= 1
    await ask_token(store, ACCOUNT, caller="here", ahead_seconds=1, lease_seconds=1)
    await publish_token(store, ACCOUNT, "fresh", 60, caller="here")
    assert await stored_token(store, ACCOUNT) == "fresh"
    assert (await read_quota(store, CITY, ["template"])).ledgers[0].spent > 0
    assert (await list_dead(store, DeadFilter())).pushes == []
    with trio.fail_after(120):
        while {wake.kind for wake in wakes} != {"event", "push"} or len({wake.shard for wake in wakes}) < store.shards:
            await trio.lowlevel.checkpoint()
    for server in group.servers:
        with server.client(60) as client:
            assert client.acl_log() == []
    nursery.cancel_scope.cancel()


async def test_a_primary_that_is_killed_takes_nothing_with_it(group, store, nursery):
    events = WaitingAppender(store)
    await nursery.start(events.run)
    told = lost_batches()
    for number in range(120):
        if number == 60:
            await nursery.start(kill_primary, group)
        await appended(events, number)
    assert await recipients(store) == {f"oUSER{number}" for number in range(120)}
    assert lost_batches() == told
    nursery.cancel_scope.cancel()


async def test_a_replica_that_takes_over_without_the_last_writes_is_told_of(group, nursery):
    async with open_store(StoreSettings(url=group.url, durability="fsync")) as store:
        events = WaitingAppender(store)
        await nursery.start(events.run)
        for number in range(20):
            await appended(events, number)
        told = lost_batches()
        [primary, *_] = await group.primaries()
        await trio.to_thread.run_sync(cut_off_replicas, primary)
        for number in range(20, 40):
            await appended(events, number)  # acknowledged: it is on the disk of a primary that is about to die
        await nursery.start(kill_primary, group)
        for number in range(40, 60):
            await appended(events, number)
        assert not {f"oUSER{number}" for number in range(60)} <= await recipients(store)
        assert lost_batches() > told
        nursery.cancel_scope.cancel()


async def test_a_primary_without_its_replicas_confirms_nothing(group, store, nursery):
    events = WaitingAppender(store)
    await nursery.start(events.run)
    await appended(events, 0)
    for primary in await group.primaries():
        await trio.to_thread.run_sync(cut_off_replicas, primary)
    with pytest.raises(StoreUnavailableError, match="not yet durable"):
        await events.append(event(1))
    with pytest.raises(StoreUnavailableError, match="not yet durable"):
        await events.append(event(1))  # a repeat, which writes nothing: it is no more durable than the first
    nursery.cancel_scope.cancel()
