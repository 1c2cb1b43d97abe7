"""A whole gateway process over real sockets and a real store."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest
import trio
import trio.testing

from gateway.server import GatewaySettings, serve_gateway
from gateway.settings import ServerSettings, Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account
from queues.events.reader import read_events
from queues.secret import Secret
from queues.store import Store
from tests.gateway.samples import OPENID, PLAIN, RECEIPT, SECURE, encrypted, message, query

# The samples are signed for a time long past, and this process has the real clock.
SETTINGS = ServerSettings(freshness_seconds=0, drain_seconds=5)
UPSTREAM = Upstream(name="fines", key=UpstreamKey("k"))
KEY = {"Authorization": "Bearer k"}


@asynccontextmanager
async def serving(store: Store, drain: trio.Event) -> AsyncIterator[httpx.AsyncClient]:
    """A running gateway; leaving drains it and waits for its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    host, port = listener.getsockname()
    async with trio.open_nursery() as nursery:
        serve = partial(serve_gateway, listener=listener)
        settings = GatewaySettings(server=SETTINGS, accounts=[PLAIN, SECURE], upstreams=[UPSTREAM])
        await nursery.start(serve, settings, store, drain)
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False) as client:
            yield client
            drain.set()


async def events(store: Store) -> list[bytes]:
    """The bodies of the events that the store holds for `dispatch`."""
    entries = [entry for shard in range(store.shards) for entry in await read_events(store, shard, "test", 100)]
    return sorted(entry.event.body for entry in entries if entry.event)


async def test_callbacks_are_on_disk_once_however_often_they_come(store):
    async with serving(store, trio.Event()) as client:
        for nonce in ("1", "2", "3"):
            answer = await client.post(f"/callback/plain?{query(nonce=nonce).decode()}", content=RECEIPT)
            assert (answer.status_code, answer.content) == (200, b"success")
        asked, body = encrypted(message())
        assert (await client.post(f"/callback/secure?{asked.decode()}", content=body)).content == b"success"
        verified = await client.get(f"/callback/plain?{query(echostr='43751').decode()}")
        assert verified.content == b"43751"
    assert await events(store) == sorted([RECEIPT, message()])


async def test_a_push_goes_in_and_is_looked_up_and_cancelled(store):
    item = {"account": "plain", "to": OPENID, "template_id": "T", "data": {"thing1": "蓝色"}, "idempotency_key": "a"}
    async with serving(store, trio.Event()) as client:
        answer = await client.post("/v1/pushes", json={"pushes": [item, item, {}]}, headers=KEY)
        assert answer.status_code == 202
        first, again, wrong = answer.json()["results"]
        assert (first["status"], again, wrong["status"]) == (
            "queued",
            {"id": first["id"], "status": "duplicate"},
            "rejected",
        )
        path = f"/v1/pushes/{first['id']}"
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=KEY)).json()["state"] == "queued"
        assert (await client.delete(path, headers=KEY)).json()["state"] == "cancelled"
        assert (await client.get(path, headers=KEY)).json()["finished_at"]


async def test_bounds_paths_and_methods_over_the_wire(store):
    async with serving(store, trio.Event()) as client:
        large = b"x" * (SETTINGS.max_body_bytes + 1)
        assert (await client.post("/callback/plain", content=large)).status_code == 413
        assert (await client.post("/v1/pushes", content=large, headers=KEY)).status_code == 415
        assert (await client.get("/nothing")).status_code == 404
        refused = await client.put("/callback/plain")
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, POST")
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert (await client.get("/livez")).text == "live"
        probed = await client.head("/livez")
        assert (probed.status_code, probed.headers["Content-Length"], probed.text) == (200, "4", "")
        assert (await client.get("/readyz")).text == "ready"


async def test_what_is_in_flight_when_a_drain_begins_is_still_appended_and_answered(store, monkeypatch):
    writing, go_on, drain = trio.Event(), trio.Event(), trio.Event()
    commit = store.commit

    async def held(*arguments: object) -> object:
        writing.set()
        await go_on.wait()
        return await commit(*arguments)

    monkeypatch.setattr(store, "commit", held)
    answers = []
    async with serving(store, drain) as client, trio.open_nursery() as nursery:

        async def deliver() -> None:
            answers.append(await client.post(f"/callback/plain?{query().decode()}", content=RECEIPT))

        nursery.start_soon(deliver)
        await writing.wait()
        drain.set()
        await trio.testing.wait_all_tasks_blocked()
        go_on.set()
    assert [answer.content for answer in answers] == [b"success"]
    monkeypatch.undo()
    assert await events(store) == [RECEIPT]


async def test_a_key_that_is_none_stops_the_start_with_the_accounts_name(store):
    wrong = Account(name="wrong", app_id="wx1", token=Secret("t"), aes_key=Secret("short"))
    settings = GatewaySettings(server=SETTINGS, accounts=[wrong], upstreams=[])
    with socket.socket() as listener, pytest.raises(ValueError, match="account wrong"):
        await serve_gateway(settings, store, trio.Event(), listener=listener)
