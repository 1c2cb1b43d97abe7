"""`/v1/pushes/{id}` as upstreams see it."""

import json

import pytest
from prometheus_client import REGISTRY

from gateway.authorization import Keyring
from gateway.http.messages import Request, Response
from gateway.pushes.desk import LOOKUP_SECONDS, PushDesk
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account
from queues.attempt import Attempt
from queues.limits.holds import Hold
from queues.push import NewPush
from tests.gateway.fakes import FakeStore, request
from tests.gateway.samples import OPENID

NOW = 1_777_593_600.0  # 2026-05-01T00:00:00Z
TRAFFIC = Account(name="traffic", app_id="wx1")
FINES, TAXES = Upstream(name="fines", key=UpstreamKey("k-fines")), Upstream(name="taxes", key=UpstreamKey("k-taxes"))
DESKS = [
    Upstream(name=f"desk-{name}", key=UpstreamKey(f"k-desk-of-{name}"), accounts=(name,), operator=True)
    for name in ("traffic", "tax")
]


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def api(store):
    return PushDesk(Keyring([FINES, TAXES, *DESKS]), [TRAFFIC], look=store.look, quota=store.quota, cancel=store.cancel)


def about(push_id: str, key: bytes = b"k-fines") -> Request:
    return request("GET", f"/v1/pushes/{push_id}", headers={b"authorization": b"Bearer " + key})


def problem_of(response: Response, status: int) -> dict[str, object]:
    body = json.loads(response.body)
    assert (response.status, response.content_type) == (status, "application/problem+json")
    assert body["status"] == status
    return body


async def enqueued(store: FakeStore, **changes: object) -> str:
    fields = {"account": "traffic", "upstream": "fines", "channel": "template", "recipient": OPENID, "body": b"{}"}
    [accepted] = await store.append_pushes([NewPush(**fields, accepted_at=NOW, **changes)])
    return accepted.id


async def test_every_method_wants_a_key(api):
    for ask in (api.show, api.cancel):
        problem_of(await ask(request("GET", "/"), "2-x"), 401)


class TestShow:
    async def test_a_fresh_push(self, api, store):
        push_id = await enqueued(store, send_at=NOW + 5400, tags={"campaign": "may"})
        response = await api.show(about(push_id), push_id)
        assert (response.status, response.content_type) == (200, "application/json")
        assert json.loads(response.body) == {
            "id": push_id,
            "account": "traffic",
            "channel": "template",
            "priority": "normal",
            "state": "scheduled",
            "attempts": 0,
            "msgid": "",
            "error": "",
            "accepted_at": "2026-05-01T00:00:00Z",
            "send_at": "2026-05-01T01:30:00Z",
            "expire_at": None,
            "due_at": "2026-05-01T01:30:00Z",
            "sent_at": None,
            "finished_at": None,
            "tags": {"campaign": "may"},
            "upstream": "fines",
            "detail": None,
            "history": [],
        }

    async def test_a_sent_push_keeps_every_digit_of_its_msgid(self, api, store):
        push_id = await enqueued(store)
        store.set_state(push_id, "sent", msgid="3557254367693750277", attempts=2, sent_at=NOW + 1.5)
        body = json.loads((await api.show(about(push_id), push_id)).body)
        assert (body["state"], body["attempts"], body["msgid"]) == ("sent", 2, "3557254367693750277")
        assert body["sent_at"] == "2026-05-01T00:00:01.500000Z"

    @pytest.mark.parametrize(
        ("state", "due"),
        [("retrying", "2026-05-01T00:00:30Z"), ("parked", "2026-05-01T00:00:30Z"), ("queued", None), ("sent", None)],
    )
    async def test_a_push_that_waits_says_until_when(self, api, store, state, due):
        push_id = await enqueued(store)
        store.set_state(push_id, state, due_at=NOW + 30)
        assert json.loads((await api.show(about(push_id), push_id)).body)["due_at"] == due

    @pytest.mark.parametrize(
        ("state", "due"), [("queued", "2026-05-01T01:00:00Z"), ("parked", "2026-05-01T01:00:00Z"), ("sent", None)]
    )
    async def test_one_whose_api_rests_waits_for_that(self, api, store, state, due):
        push_id = await enqueued(store)
        store.set_state(push_id, state, due_at=NOW + 30)
        store.now = NOW
        store.holds = [Hold(scope="api", api="template", kind="parked", reason="errcode 45009", seconds=3600)]
        assert json.loads((await api.show(about(push_id), push_id)).body)["due_at"] == due

    async def test_every_attempt_is_shown_with_what_the_platforms_support_asks_for(self, api, store):
        push_id = await enqueued(store)
        tries = (
            Attempt(verdict="retry", errcode=None, error="ReadTimeout: 5 s", at=NOW),
            Attempt(verdict="dead", errcode=47003, rid="6630c9ed-1f", error="errcode 47003: bad", at=NOW + 1),
        )
        store.set_state(push_id, "dead", history=tries)
        assert json.loads((await api.show(about(push_id), push_id)).body)["history"] == [
            {"at": "2026-05-01T00:00:00Z", "verdict": "retry", "errcode": None, "rid": "", "error": "ReadTimeout: 5 s"},
            {
                "at": "2026-05-01T00:00:01Z",
                "verdict": "dead",
                "errcode": 47003,
                "rid": "6630c9ed-1f",
                "error": "errcode 47003: bad",
            },
        ]

    async def test_the_recipient_is_not_shown(self, api, store):
        push_id = await enqueued(store)
        assert OPENID.encode() not in (await api.show(about(push_id), push_id)).body

    async def test_an_operator_looks_after_the_pushes_of_others_through_its_accounts(self, api, store):
        push_id = await enqueued(store)
        assert (await api.show(about(push_id, b"k-desk-of-traffic"), push_id)).status == 200
        assert (await api.show(about(push_id, b"k-desk-of-tax"), push_id)).status == 404

    async def test_unknown_malformed_and_anothers_are_all_404(self, api, store):
        push_id = await enqueued(store)
        answers = [
            await api.show(about("2-01J00000000000000000000000"), "2-01J00000000000000000000000"),
            await api.show(about("nonsense"), "nonsense"),
            await api.show(about(push_id, b"k-taxes"), push_id),
        ]
        assert len({problem_of(answer, 404)["detail"] for answer in answers}) == 1

    async def test_store_trouble_is_503(self, api, store, autojump_clock):
        push_id = await enqueued(store)
        store.delay = LOOKUP_SECONDS + 1
        problem_of(await api.show(about(push_id), push_id), 503)
        store.delay, store.gone = 0, True
        problem_of(await api.show(about(push_id), push_id), 503)


class TestCancel:
    async def test_a_cancellation_is_counted_once(self, api, store):
        labels = {"account": "traffic", "channel": "template", "state": "cancelled"}
        push_id = await enqueued(store)
        before = REGISTRY.get_sample_value("tidegate_pushes_finished_total", labels) or 0
        await api.cancel(about(push_id), push_id)
        await api.cancel(about(push_id), push_id)
        assert REGISTRY.get_sample_value("tidegate_pushes_finished_total", labels) == before + 1

    async def test_a_waiting_push_is_cancelled_and_again_the_same(self, api, store):
        push_id = await enqueued(store)
        for _ in range(2):
            response = await api.cancel(about(push_id), push_id)
            assert response.status == 200
            assert json.loads(response.body)["state"] == "cancelled"

    @pytest.mark.parametrize("state", ["sending", "sent", "delivered", "failed", "expired", "dead"])
    async def test_too_late_is_409_and_says_how_far_it_is(self, api, store, state):
        push_id = await enqueued(store)
        store.set_state(push_id, state)
        assert state in str(problem_of(await api.cancel(about(push_id), push_id), 409)["detail"])

    async def test_anothers_push_is_404_and_stays(self, api, store):
        push_id = await enqueued(store)
        problem_of(await api.cancel(about(push_id, b"k-taxes"), push_id), 404)
        problem_of(await api.cancel(about("nonsense"), "nonsense"), 404)
        assert store.statuses[push_id].state == "queued"

    async def test_a_push_whose_retention_ends_meanwhile_is_404(self, store):
        async def ends(push_id):
            del store.statuses[push_id]

        push_id = await enqueued(store)
        api = PushDesk(Keyring([FINES]), [TRAFFIC], look=store.look, quota=store.quota, cancel=ends)
        problem_of(await api.cancel(about(push_id), push_id), 404)

    async def test_store_trouble_is_503(self, api, store):
        push_id = await enqueued(store)
        store.gone = True
        problem_of(await api.cancel(about(push_id), push_id), 503)
