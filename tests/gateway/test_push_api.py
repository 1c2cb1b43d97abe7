"""`/v1/pushes` as upstreams see it."""

import json

import msgspec
import pytest
import trio
from prometheus_client import REGISTRY

from gateway.authorization import Keyring
from gateway.messages import Request, Response
from gateway.push_api import APPEND_SECONDS, LOOKUP_SECONDS, PushApi
from gateway.settings import Upstream
from queues.account import Account
from queues.attempt import Attempt
from queues.secret import Secret
from tests.gateway.fakes import FakeStore, request
from tests.gateway.samples import OPENID

NOW = 1_777_593_600.0  # 2026-05-01T00:00:00Z
FINES, TAXES = Upstream(name="fines", key=Secret("k-fines")), Upstream(name="taxes", key=Secret("k-taxes"))
TRAFFIC = Account(name="traffic", app_id="wx1")
ITEM = {"account": "traffic", "to": OPENID, "template_id": "T1", "data": {"thing1": "x"}}
HEADERS = {b"authorization": b"Bearer k-fines", b"content-type": b"application/json"}


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def api(store):
    return PushApi(
        [FINES, TAXES],
        [TRAFFIC],
        append=store.append_pushes,
        bind=store.bind,
        look=store.look,
        cancel=store.cancel,
        clock=lambda: NOW,
    )


def post(*items: object, headers: dict[bytes, bytes] = HEADERS) -> Request:
    return request("POST", "/v1/pushes", json.dumps({"pushes": items}).encode(), headers=headers)


def about(push_id: str, key: bytes = b"k-fines") -> Request:
    return request("GET", f"/v1/pushes/{push_id}", headers={b"authorization": b"Bearer " + key})


def results(response: Response) -> list[dict[str, str]]:
    assert response.status == 202
    assert response.content_type == "application/json"
    return json.loads(response.body)["results"]


def problem_of(response: Response, status: int) -> dict[str, object]:
    body = json.loads(response.body)
    assert (response.status, response.content_type) == (status, "application/problem+json")
    assert body["status"] == status
    return body


async def enqueued(api: PushApi, **changes: object) -> str:
    [result] = results(await api.enqueue(post(ITEM | changes)))
    return result["id"]


def counted(result: str, account: str = "traffic", channel: str = "template") -> float:
    labels = {"account": account, "channel": channel, "upstream": "fines", "result": result}
    return REGISTRY.get_sample_value("tidegate_pushes_accepted_total", labels) or 0


class TestEnqueue:
    async def test_a_result_an_item_in_their_order(self, api, store):
        scheduled = ITEM | {"send_at": "2026-05-01T01:00:00Z", "idempotency_key": "a"}
        before = counted("queued"), counted("rejected", "other", "other")
        answered = results(await api.enqueue(post(ITEM, ITEM | {"priority": "urgent"}, scheduled, scheduled)))
        assert [result["status"] for result in answered] == ["queued", "rejected", "scheduled", "duplicate"]
        assert answered[1] == {
            "status": "rejected",
            "error": "pushes[1].priority: 'urgent' is not one of high, normal, bulk",
        }
        assert answered[2]["id"] == answered[3]["id"]
        assert answered[0].keys() == {"id", "status"}
        assert len(store.statuses) == 2
        assert (counted("queued"), counted("rejected", "other", "other")) == (before[0] + 1, before[1] + 1)

    async def test_all_rejected_is_still_202_and_asks_nothing_of_the_store(self, api, store):
        assert [result["status"] for result in results(await api.enqueue(post({}, 5)))] == ["rejected", "rejected"]
        assert store.calls == 0

    async def test_no_items_no_results(self, api):
        assert results(await api.enqueue(post())) == []

    async def test_a_large_batch_lets_others_run_between(self, api):
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await trio.lowlevel.checkpoint()
                turns += 1

        async with trio.open_nursery() as nursery:
            nursery.start_soon(others)
            assert len(results(await api.enqueue(post(*[ITEM] * 2000)))) == 2000
            nursery.cancel_scope.cancel()
        assert turns >= 9

    @pytest.mark.parametrize(
        "authorization",
        [
            b"",
            b"Bearer",
            b"Bearer ",
            b"Bearer k-fine",
            b"Bearer k-finess",
            b"Basic k-fines",
            b"k-fines",
            b"Bearer \xff",
        ],
    )
    async def test_without_a_known_key_401_with_a_challenge(self, api, authorization):
        response = await api.enqueue(post(ITEM, headers=HEADERS | {b"authorization": authorization}))
        problem_of(response, 401)
        assert (b"WWW-Authenticate", b'Bearer realm="tidegate"') in response.headers

    async def test_every_method_wants_a_key(self, api):
        for ask in (api.show, api.cancel):
            problem_of(await ask(request("GET", "/"), "2-x"), 401)

    @pytest.mark.parametrize(
        "headers",
        [
            {b"content-type": b""},
            {b"content-type": b"text/plain"},
            {b"content-type": b"application/jsonp"},
            {b"content-encoding": b"gzip"},
        ],
    )
    async def test_anything_else_is_415_and_says_what_is_taken(self, api, headers):
        response = await api.enqueue(post(ITEM, headers=HEADERS | headers))
        assert "application/x-ndjson" in str(problem_of(response, 415)["detail"])
        assert (b"Accept-Post", b"application/json, application/x-ndjson, application/msgpack") in response.headers

    async def test_one_push_a_line(self, api):
        lines = b"\n".join((json.dumps(ITEM).encode(), b'{"to": ', b"", json.dumps(ITEM).encode()))
        headers = HEADERS | {b"content-type": b"application/x-ndjson"}
        answered = results(await api.enqueue(request("POST", "/v1/pushes", lines, headers=headers)))
        assert [result["status"] for result in answered] == ["queued", "rejected", "queued"]
        assert answered[1]["error"] == "pushes[1]: not valid JSON in UTF-8"

    async def test_msgpack(self, api):
        body = msgspec.msgpack.encode({"pushes": [ITEM, {"to": 5}]})
        headers = HEADERS | {b"content-type": b"application/msgpack"}
        answered = results(await api.enqueue(request("POST", "/v1/pushes", body, headers=headers)))
        assert [result["status"] for result in answered] == ["queued", "rejected"]

    async def test_a_charset_may_be_named(self, api):
        headers = HEADERS | {b"content-type": b"Application/JSON; charset=utf-8"}
        assert results(await api.enqueue(post(ITEM, headers=headers)))

    async def test_broken_json_is_400_and_too_many_items_are_413(self, api):
        problem_of(await api.enqueue(request("POST", "/v1/pushes", b"{", headers=HEADERS)), 400)
        problem_of(await api.enqueue(post(*[1] * 10_001)), 413)

    async def test_a_store_that_is_gone_is_503_and_worth_a_repeat(self, api, store):
        store.gone = True
        before = counted("shed")
        response = await api.enqueue(post(ITEM, 5))
        assert "idempotency key" in str(problem_of(response, 503)["detail"])
        assert (b"Retry-After", b"1") in response.headers
        assert counted("shed") == before + 1

    async def test_a_store_that_is_too_slow_is_503(self, api, store, autojump_clock):
        store.delay = APPEND_SECONDS + 1
        problem_of(await api.enqueue(post(ITEM)), 503)
        assert trio.current_time() == pytest.approx(APPEND_SECONDS)


class TestIdempotencyKey:
    KEYED = HEADERS | {b"idempotency-key": b'"may-notice"'}

    @pytest.fixture
    def now(self):
        return [NOW]

    @pytest.fixture
    def api(self, store, now):
        return PushApi(
            [FINES, TAXES],
            [TRAFFIC],
            append=store.append_pushes,
            bind=store.bind,
            look=store.look,
            cancel=store.cancel,
            clock=lambda: now[0],
        )

    async def test_the_same_request_again_has_the_same_results_and_adds_nothing(self, api, store):
        asked = post(ITEM, ITEM, 5, headers=self.KEYED)
        before = counted("queued"), counted("duplicate")
        first, again = results(await api.enqueue(asked)), results(await api.enqueue(asked))
        assert again == first
        assert [result["status"] for result in first] == ["queued", "queued", "rejected"]
        assert len(store.statuses) == 2
        assert (counted("queued"), counted("duplicate")) == (before[0] + 2, before[1] + 2)

    async def test_a_repeat_is_judged_as_of_the_first_time(self, api, now):
        asked = post(ITEM | {"expire_at": "2026-05-01T00:10:00Z"}, headers=self.KEYED)
        first = results(await api.enqueue(asked))
        now[0] += 3600
        assert results(await api.enqueue(asked)) == first

    async def test_with_another_body_it_is_422_and_nothing_is_taken(self, api, store):
        await api.enqueue(post(ITEM, headers=self.KEYED))
        body = problem_of(await api.enqueue(post(ITEM, ITEM, headers=self.KEYED)), 422)
        assert body["title"] == "Idempotency-Key is already used"
        assert len(store.statuses) == 1

    async def test_it_is_the_upstreams_own(self, api, store):
        await api.enqueue(post(ITEM, headers=self.KEYED))
        taxes = self.KEYED | {b"authorization": b"Bearer k-taxes"}
        assert results(await api.enqueue(post(ITEM, ITEM, headers=taxes)))
        assert len(store.statuses) == 3

    async def test_a_malformed_one_is_400(self, api):
        problem_of(await api.enqueue(post(ITEM, headers=HEADERS | {b"idempotency-key": b"a b"})), 400)

    async def test_a_request_that_is_no_batch_leaves_the_key_free(self, api, store):
        problem_of(await api.enqueue(request("POST", "/v1/pushes", b"{", headers=self.KEYED)), 400)
        assert results(await api.enqueue(post(ITEM, headers=self.KEYED)))

    async def test_a_store_that_is_gone_is_503(self, api, store):
        store.gone = True
        problem_of(await api.enqueue(post(ITEM, headers=self.KEYED)), 503)


class TestShow:
    async def test_a_fresh_push(self, api):
        push_id = await enqueued(api, send_at="2026-05-01T09:30:00+08:00", tags={"campaign": "may"})
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
            "sent_at": None,
            "finished_at": None,
            "tags": {"campaign": "may"},
            "upstream": "fines",
            "history": [],
        }

    async def test_a_sent_push_keeps_every_digit_of_its_msgid(self, api, store):
        push_id = await enqueued(api)
        store.set_state(push_id, "sent", msgid="3557254367693750277", attempts=2, sent_at=NOW + 1.5)
        body = json.loads((await api.show(about(push_id), push_id)).body)
        assert (body["state"], body["attempts"], body["msgid"]) == ("sent", 2, "3557254367693750277")
        assert body["sent_at"] == "2026-05-01T00:00:01.500000Z"

    async def test_every_attempt_is_shown_with_what_the_platforms_support_asks_for(self, api, store):
        push_id = await enqueued(api)
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

    async def test_the_recipient_is_not_shown(self, api):
        push_id = await enqueued(api)
        assert OPENID.encode() not in (await api.show(about(push_id), push_id)).body

    async def test_unknown_malformed_and_anothers_are_all_404(self, api):
        push_id = await enqueued(api)
        answers = [
            await api.show(about("2-01J00000000000000000000000"), "2-01J00000000000000000000000"),
            await api.show(about("nonsense"), "nonsense"),
            await api.show(about(push_id, b"k-taxes"), push_id),
        ]
        assert len({problem_of(answer, 404)["detail"] for answer in answers}) == 1

    async def test_store_trouble_is_503(self, api, store, autojump_clock):
        push_id = await enqueued(api)
        store.delay = LOOKUP_SECONDS + 1
        problem_of(await api.show(about(push_id), push_id), 503)
        store.delay, store.gone = 0, True
        problem_of(await api.show(about(push_id), push_id), 503)


class TestCancel:
    async def test_a_waiting_push_is_cancelled_and_again_the_same(self, api):
        push_id = await enqueued(api)
        for _ in range(2):
            response = await api.cancel(about(push_id), push_id)
            assert response.status == 200
            assert json.loads(response.body)["state"] == "cancelled"

    @pytest.mark.parametrize("state", ["sending", "sent", "delivered", "failed", "expired", "dead"])
    async def test_too_late_is_409_and_says_how_far_it_is(self, api, store, state):
        push_id = await enqueued(api)
        store.set_state(push_id, state)
        assert state in str(problem_of(await api.cancel(about(push_id), push_id), 409)["detail"])

    async def test_anothers_push_is_404_and_stays(self, api, store):
        push_id = await enqueued(api)
        problem_of(await api.cancel(about(push_id, b"k-taxes"), push_id), 404)
        problem_of(await api.cancel(about("nonsense"), "nonsense"), 404)
        assert store.statuses[push_id].state == "queued"

    async def test_a_push_whose_retention_ends_meanwhile_is_404(self, api, store, monkeypatch):
        push_id = await enqueued(api)
        monkeypatch.setattr(api, "_cancel", lambda _: store.look("gone meanwhile"))
        problem_of(await api.cancel(about(push_id), push_id), 404)

    async def test_store_trouble_is_503(self, api, store):
        push_id = await enqueued(api)
        store.gone = True
        problem_of(await api.cancel(about(push_id), push_id), 503)


def test_an_empty_key_opens_nothing():
    assert Keyring([Upstream(name="open", key=Secret(""))]).find({b"authorization": b"Bearer "}) is None
