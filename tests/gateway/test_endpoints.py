"""Every operation of the gateway, answered by whom it should be."""

import json

import pytest
import trio

from gateway.accounts.desk import AccountDesk
from gateway.admission import Admission
from gateway.authorization import Keyring
from gateway.callbacks.receiver import CallbackReceiver
from gateway.endpoints import Endpoints
from gateway.health import Health
from gateway.http.outbox import Outbox
from gateway.http.request_tasks import RequestTasks
from gateway.pushes.admission import PushAdmission
from gateway.pushes.dead_letters import DeadLetters
from gateway.pushes.desk import PushDesk
from gateway.pushes.intake import PushIntake
from gateway.routes import Routes
from gateway.settings import ServerSettings, Upstream
from gateway.upstream_key import UpstreamKey
from monitoring.zeros import ROUTES
from queues.account import Account
from tests.gateway.fakes import FakeStore, answered, batch_readers, empty_gallery, request
from tests.gateway.samples import NOW, OPENID, PLAIN, message, query

KEY = {b"authorization": b"Bearer k", b"content-type": b"application/json"}

FINES = Upstream(name="fines", key=UpstreamKey("k"))
ACCOUNTS = [Account(name="plain", app_id="wx1")]
SETTINGS = ServerSettings()


def make_routes(nursery: trio.Nursery) -> Routes:
    store = FakeStore()
    keyring = Keyring([FINES])
    endpoints = Endpoints(
        callbacks=CallbackReceiver(
            [PLAIN], 600, hand_in=store.hand_in_event, admission=Admission(256, b""), clock=lambda: NOW
        ),
        intake=PushIntake(
            keyring,
            batch_readers([FINES], ACCOUNTS, lambda: NOW),
            PushAdmission(SETTINGS, ACCOUNTS, Admission(256, b"")),
            append=store.append_pushes,
            bind=store.bind,
            charge=store.charge,
            clock=lambda: NOW,
        ),
        pushes=PushDesk(keyring, ACCOUNTS, look=store.look, quota=store.quota, cancel=store.cancel),
        dead=DeadLetters(
            keyring,
            page=store.list_dead,
            look=store.look_all,
            replay_ids=store.replay,
            replay_page=store.replay_page,
        ),
        accounts=AccountDesk(keyring, ACCOUNTS, (), look=store.quota, resume=store.resume),
        gallery=empty_gallery(),
        health=Health(store.ping, trio.Event()),
    )
    return Routes(endpoints.handlers(RequestTasks(nursery, Outbox())))


@pytest.fixture
def routes(nursery):
    return make_routes(nursery)


async def test_all_that_is_timed_is_exported_before_the_first_request(nursery, monkeypatch):
    timed: list[str] = []

    def note(route: str, handler: object) -> object:
        timed.append(route)
        return handler

    monkeypatch.setattr("gateway.endpoints.timed", note)
    make_routes(nursery)
    assert sorted(timed) == sorted(ROUTES)


async def test_a_callback_and_its_verification(routes):
    assert (
        await answered(routes.handle, request("POST", "/callback/plain", message(), query=query()))
    ).body == b"success"
    assert (await answered(routes.handle, request("GET", "/callback/plain", query=query(echostr="42")))).body == b"42"


async def test_a_push_is_enqueued_shown_and_cancelled(routes):
    item = {"account": "plain", "to": OPENID, "template_id": "T", "data": {}}
    body = json.dumps({"pushes": [item]}).encode()
    response = await answered(routes.handle, request("POST", "/v1/pushes", body, headers=KEY))
    path = "/v1/pushes/" + json.loads(response.body)["results"][0]["id"]
    assert json.loads((await answered(routes.handle, request("GET", path, headers=KEY))).body)["state"] == "queued"
    assert (
        json.loads((await answered(routes.handle, request("DELETE", path, headers=KEY))).body)["state"] == "cancelled"
    )


async def test_dead_pushes_are_listed_and_replayed(routes):
    assert json.loads((await answered(routes.handle, request("GET", "/v1/dead", headers=KEY))).body)["pushes"] == []
    replayed = await answered(routes.handle, request("POST", "/v1/dead/replay", b'{"all": true}', headers=KEY))
    assert json.loads(replayed.body) == {"replayed": 0, "next": ""}


async def test_an_accounts_quota_and_its_resuming_are_for_operators(routes):
    for method, verb in (("GET", "quota"), ("POST", "resume")):
        assert (await answered(routes.handle, request(method, f"/v1/accounts/plain/{verb}", headers=KEY))).status == 403


async def test_probes(routes):
    assert (await answered(routes.handle, request("HEAD", "/livez"))).body == b"live"  # the connection leaves it out
    assert (await answered(routes.handle, request("GET", "/livez"))).body == b"live"
    assert (await answered(routes.handle, request("GET", "/readyz"))).body == b"ready"


async def test_the_document_has_every_route(routes):
    response = await answered(routes.handle, request("GET", "/openapi.json"))
    assert list(json.loads(response.body)["paths"]) == [
        "/callback/{account}",
        "/v1/pushes",
        "/v1/pushes/{id}",
        "/v1/dead",
        "/v1/dead/replay",
        "/v1/accounts/{account}/quota",
        "/v1/accounts/{account}/resume",
        "/pictures/{token}",
        "/livez",
        "/readyz",
        "/openapi.json",
    ]
