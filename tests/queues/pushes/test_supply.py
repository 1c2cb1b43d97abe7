"""What the feeders of a process ask for at once goes in one round trip, and each gets its own."""

import pytest
import trio
import trio.testing

from queues.account import ApiLimit
from queues.errors import StoreUnavailableError
from queues.limits.rate import LeaseRequest
from queues.pushes.supply import MOST, Supplier, Supply
from queues.pushes.taker import TakeRequest
from tests.queues.makers import push
from tests.queues.steps import append_pushes


def requests(account: str, *, shard: int = 0, wanted: int = 1) -> tuple[LeaseRequest, TakeRequest]:
    return (
        LeaseRequest(account=account, api="template", limit=ApiLimit(), wanted=wanted),
        TakeRequest(feed=f"{account}:template", counts={shard: 9}, claim_seconds=10),
    )


class Trips:
    """The store's round trips, each held back until it may go."""

    def __init__(self, store, monkeypatch) -> None:
        self.sizes: list[int] = []
        self.failure: StoreUnavailableError | None = None
        self.may_go = trio.Event()
        run = store.run

        async def held(operation, calls):
            self.sizes.append(len(calls))
            await self.may_go.wait()
            if self.failure is not None:
                raise self.failure
            return await run(operation, calls)

        monkeypatch.setattr(store, "run", held)


@pytest.fixture
def trips(store, monkeypatch) -> Trips:
    return Trips(store, monkeypatch)


async def test_each_gets_the_tokens_and_the_pushes_it_asked_for(store, nursery):
    ids = {account: await append_pushes(store, nursery, push(account=account)) for account in ("city", "metro")}
    supplier, supplies = Supplier(store), dict[str, Supply]()

    async def ask(account: str, wanted: int) -> None:
        where = store.shard_of(account, "oUSER0")
        supplies[account] = await supplier.supply(*requests(account, shard=where, wanted=wanted))

    async with trio.open_nursery() as asking:
        asking.start_soon(ask, "city", 3)
        asking.start_soon(ask, "metro", 5)
    assert {account: supply.lease.granted for account, supply in supplies.items()} == {"city": 3, "metro": 5}
    for account, supply in supplies.items():
        assert [claim.push.id for claim in supply.taken.claims] == ids[account]


async def test_those_who_ask_while_a_trip_is_under_way_share_the_next_one(store, nursery, trips):
    supplier, done = Supplier(store), list[str]()

    async def ask(account: str) -> None:
        await supplier.supply(*requests(account))
        done.append(account)

    async with trio.open_nursery() as asking:
        for number in range(MOST + 2):
            asking.start_soon(ask, f"a{number}")
        await trio.testing.wait_all_tasks_blocked()
        assert trips.sizes == [2]  # a lease and a take
        trips.may_go.set()
    assert trips.sizes == [2, 2 * MOST, 2]
    assert len(done) == MOST + 2


async def test_a_trip_that_fails_fails_for_all_who_shared_it_and_not_for_the_next(store, trips):
    supplier, failed = Supplier(store), list[str]()

    async def ask(account: str) -> None:
        with pytest.raises(StoreUnavailableError, match="away"):
            await supplier.supply(*requests(account))
        failed.append(account)

    trips.failure = StoreUnavailableError("away")
    async with trio.open_nursery() as asking:
        for account in ("city", "metro", "fines"):
            asking.start_soon(ask, account)
        await trio.testing.wait_all_tasks_blocked()
        trips.may_go.set()
    assert sorted(failed) == ["city", "fines", "metro"]
    trips.failure = None
    assert (await supplier.supply(*requests("city"))).lease.granted == 1
