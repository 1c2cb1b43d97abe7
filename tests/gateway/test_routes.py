"""Every path the gateway serves, and what the others are told."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import pytest
import trio

from gateway.accounts.desk import AccountDesk
from gateway.admission import Admission
from gateway.authorization import Keyring
from gateway.callbacks.receiver import CallbackReceiver
from gateway.health import Health
from gateway.http.outbox import Outbox
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_head import CHUNKED, FieldSection, Head
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
from tests.gateway.fakes import FakeStore, answered, empty_gallery, request
from tests.gateway.samples import NOW, OPENID, PLAIN, message, query

KEY = {b"authorization": b"Bearer k", b"content-type": b"application/json"}

FINES = Upstream(name="fines", key=UpstreamKey("k"))
ACCOUNTS = [Account(name="plain", app_id="wx1")]
SETTINGS = ServerSettings(max_body_bytes=1000, max_batch_bytes=9000)


def make_routes(nursery: trio.Nursery) -> Routes:
    store = FakeStore()
    keyring = Keyring([FINES])
    return Routes(
        keyring,
        CallbackReceiver([PLAIN], 600, hand_in=store.hand_in_event, admission=Admission(256, b""), clock=lambda: NOW),
        PushIntake(
            keyring,
            [FINES],
            ACCOUNTS,
            PushAdmission(SETTINGS, ACCOUNTS, Admission(256, b"")),
            append=store.append_pushes,
            bind=store.bind,
            charge=store.charge,
            gallery=empty_gallery(),
            clock=lambda: NOW,
        ),
        PushDesk(keyring, ACCOUNTS, look=store.look, quota=store.quota, cancel=store.cancel),
        DeadLetters(
            keyring,
            page=store.list_dead,
            look=store.look_all,
            replay_ids=store.replay,
            replay_page=store.replay_page,
        ),
        AccountDesk(keyring, ACCOUNTS, (), look=store.quota, resume=store.resume),
        empty_gallery(),
        Health(store.ping, trio.Event()),
        SETTINGS,
        RequestTasks(nursery, Outbox()),
    )


@pytest.fixture
def routes(nursery):
    return make_routes(nursery)


async def test_all_that_is_timed_is_exported_before_the_first_request(nursery, monkeypatch):
    timed: list[str] = []

    def note(route: str, handler: object) -> object:
        timed.append(route)
        return handler

    monkeypatch.setattr("gateway.routes.timed", note)
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


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/callback",
        "/callback/",
        "/callback/a/b",
        "/v1/pushes/",
        "/v1/pushes/a/b",
        "/livez/",
        "//livez",
        "/v1/accounts/plain",
        "/v1/accounts/plain/other",
        "/v1/accounts/a/b/quota",
    ],
)
async def test_unknown_paths_are_404(routes, path):
    response = await answered(routes.handle, request("GET", path))
    assert (response.status, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/callback/plain", b"GET, HEAD, POST"),
        ("GET", "/v1/pushes", b"POST"),
        ("POST", "/v1/pushes/2-x", b"DELETE, GET, HEAD"),
        ("POST", "/v1/dead", b"GET, HEAD"),
        ("HEAD", "/v1/pushes", b"POST"),
        ("GET", "/v1/dead/replay", b"POST"),
        ("POST", "/livez", b"GET, HEAD"),
        ("DELETE", "/readyz", b"GET, HEAD"),
    ],
)
async def test_other_methods_are_405_with_what_is_allowed(routes, method, path, allow):
    response = await answered(routes.handle, request(method, path))
    assert (response.status, response.content_type) == (405, "application/problem+json")
    assert (b"Allow", allow) in response.headers


def head(method: str, path: str, headers: Mapping[bytes, bytes] = MappingProxyType({}), length: int = 0) -> Head:
    fields = FieldSection(headers=headers, length=length, keep_alive=True, expects_continue=False)
    return Head(method, path, b"", fields)


async def test_only_a_batch_of_pushes_may_be_large(routes):
    assert routes.body_limit(head("POST", "/v1/pushes", KEY)) == 9000
    for method, path in (("POST", "/callback/plain"), ("GET", "/v1/pushes"), ("POST", "/v1/pushes/x"), ("POST", "/x")):
        assert routes.body_limit(head(method, path)) == 1000


async def test_nobodys_batch_is_refused_before_it_is_read_if_it_is_large(routes):
    assert routes.body_limit(head("POST", "/v1/pushes", length=1000)) == 1000, "small ones are told why by the handler"
    assert routes.body_limit(head("POST", "/v1/pushes", length=CHUNKED)) == 1000
    with pytest.raises(RefusedRequestError) as refusal:
        routes.body_limit(head("POST", "/v1/pushes", length=1001))
    assert (refusal.value.status, refusal.value.label) == (401, "unauthorized")


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
