"""The key of a whole request, on a real store: what comes again is what was there, and nothing more."""

import pytest
from msgspec import structs

from queues.keys import IDEMPOTENCY_WINDOW_SECONDS
from queues.push import NewPush
from queues.pushes.appender import PushAppender
from queues.pushes.request_keys import BoundRequest, RequestKey, bind_request
from tests.queues.makers import NOW, push

ONE = RequestKey("violations", "k", b"fingerprint of 1")


@pytest.fixture
async def appender(store, nursery):
    appender = PushAppender(store)
    await nursery.start(appender.run)
    return appender


def of(bound: BoundRequest, *pushes: NewPush) -> list[NewPush]:
    """The pushes as the gateway makes them of a bound request."""
    return [
        structs.replace(each, accepted_at=bound.accepted_at, id_number=bound.id_number(position))
        for position, each in enumerate(pushes)
    ]


async def test_the_first_request_decides_and_later_ones_are_told(store):
    first = await bind_request(store, ONE, NOW)
    assert (first.accepted_at, first.fingerprint) == (NOW, ONE.fingerprint)
    assert await bind_request(store, ONE, NOW + 60) == first
    assert await bind_request(store, structs.replace(ONE, fingerprint=b"fingerprint of 2"), NOW + 60) == first


async def test_a_key_is_one_upstreams(store):
    await bind_request(store, ONE, NOW)
    other = await bind_request(store, structs.replace(ONE, upstream="grades"), NOW + 1)
    assert other.accepted_at == NOW + 1


async def test_a_binding_ends_after_two_windows_at_most(store):
    await bind_request(store, ONE, NOW)
    [key] = store.client.keys("*idem*")
    assert 0 < store.client.ttl(key) <= 2 * IDEMPOTENCY_WINDOW_SECONDS


async def test_the_same_request_again_is_the_same_pushes_with_the_same_results(store, appender):
    pushes = [push("oA"), push("oA"), push("oB", send_at=NOW + 4e9), push("oC", key="own"), push("oC", key="own")]
    first = await appender.append(of(await bind_request(store, ONE, NOW), *pushes))
    again = await appender.append(of(await bind_request(store, ONE, NOW + 3600), *pushes))
    assert [(one.id, one.status) for one in again] == [(one.id, one.status) for one in first]
    assert [one.status for one in first] == ["queued", "queued", "scheduled", "queued", "duplicate"]
    assert [one.repeated for one in first] == [False] * 5
    assert [one.repeated for one in again] == [True, True, True, True, False]
    assert len(store.client.keys("*job*")) == 4


async def test_an_items_own_key_is_stronger_than_the_requests(store, appender):
    [earlier] = await appender.append([push("oC", key="own")])
    bound = await bind_request(store, ONE, NOW)
    for _ in range(2):
        [accepted] = await appender.append(of(bound, push("oC", key="own")))
        assert (accepted.id, accepted.status) == (earlier.id, "duplicate")


async def test_a_repeat_after_a_crash_completes_what_is_missing(store, appender):
    """The gateway died when only the first shard's pushes were on disk."""
    bound = await bind_request(store, ONE, NOW)
    [first, _] = of(bound, push("oA"), push("oB"))
    [before] = await appender.append([first])
    completed = await appender.append(of(await bind_request(store, ONE, NOW + 5), push("oA"), push("oB")))
    assert completed[0].id == before.id
    assert [one.repeated for one in completed] == [True, False]


async def test_the_pushes_of_a_bound_request_outlive_its_key(store, appender):
    """They are kept as long as pushes with a key of their own: a repeat must find them."""
    [accepted] = await appender.append(of(await bind_request(store, ONE, NOW), push("oA")))
    [job] = store.client.keys(f"*job:{accepted.id}")
    assert store.client.hget(job, "flags") == b"k"


def test_numbers_fit_an_id_and_differ():
    bound = BoundRequest(NOW, b"", 2**60 - 1)
    numbers = {bound.id_number(position) for position in range(10_000)}
    assert len(numbers) == 10_000
    assert max(numbers) < 2**80
