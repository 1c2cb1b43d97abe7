"""What probes are told."""

import json

import pytest
import trio

from gateway.health import KEEP_SECONDS, PING_SECONDS, Health
from gateway.http.messages import Response
from tests.gateway.fakes import FakeStore, request

PROBE = request("GET", "/readyz")


@pytest.fixture
def store():
    return FakeStore()


def reason(response: Response) -> str:
    assert response.status == 503
    return json.loads(response.body)["detail"]


async def test_alive_even_without_a_store(store):
    store.gone = True
    assert (await Health(store.ping, trio.Event()).live(PROBE)).status == 200


async def test_ready(store):
    response = await Health(store.ping, trio.Event()).ready(PROBE)
    assert (response.status, response.body) == (200, b"ready")


async def test_draining_is_not_ready(store):
    drain = trio.Event()
    drain.set()
    assert reason(await Health(store.ping, drain).ready(PROBE)) == "draining"


async def test_without_a_store_not_ready(store):
    store.gone = True
    assert reason(await Health(store.ping, trio.Event()).ready(PROBE)) == "store unreachable"


async def test_every_reason_is_given(store):
    store.gone = True
    drain = trio.Event()
    drain.set()
    assert reason(await Health(store.ping, drain).ready(PROBE)) == "draining; store unreachable"


async def test_a_store_that_hangs_is_unreachable(store, autojump_clock):
    store.delay = 60
    assert reason(await Health(store.ping, trio.Event()).ready(PROBE)) == "store unreachable"
    assert trio.current_time() == pytest.approx(PING_SECONDS)


async def test_the_store_is_asked_once_a_second_however_many_probes(store, autojump_clock):
    health = Health(store.ping, trio.Event())
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(health.ready, PROBE)
    assert store.calls == 1
    store.gone = True
    assert (await health.ready(PROBE)).status == 200
    await trio.sleep(KEEP_SECONDS)
    assert (await health.ready(PROBE)).status == 503
    assert store.calls == 2
