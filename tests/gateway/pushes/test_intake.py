"""`POST /v1/pushes` as upstreams see it."""

import json

import msgspec
import pytest
import trio
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from trio.testing import wait_all_tasks_blocked

from gateway.admission import Admission
from gateway.authorization import Keyring
from gateway.http.messages import Request, Response
from gateway.pushes import upstream_memory
from gateway.pushes.admission import PushAdmission
from gateway.pushes.intake import APPEND_SECONDS, PushIntake
from gateway.settings import ServerSettings, Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account
from queues.readings.backlog import Backlog
from tests.gateway.fakes import FakeStore, batch_readers, request
from tests.gateway.samples import OPENID
from tests.pushers.fake_traces import FakeTraces

TRACED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOW = 1_777_593_600.0  # 2026-05-01T00:00:00Z
FINES, TAXES = Upstream(name="fines", key=UpstreamKey("k-fines")), Upstream(name="taxes", key=UpstreamKey("k-taxes"))
BOUNDED = Upstream(name="bounded", key=UpstreamKey("k-bounded"), accounts=("traffic",))
PACED = Upstream(name="paced", key=UpstreamKey("k-paced"), per_second=1)
TRAFFIC = Account(name="traffic", app_id="wx1")
ITEM = {"account": "traffic", "to": OPENID, "template_id": "T1", "data": {"thing1": "x"}}
HEADERS = {b"authorization": b"Bearer k-fines", b"content-type": b"application/json"}


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def now():
    return [NOW]


@pytest.fixture
def admission():
    return PushAdmission(ServerSettings(max_queued=100), [TRAFFIC], Admission(256, b""))


@pytest.fixture
def api(store, now, admission):
    upstreams = [FINES, TAXES, BOUNDED, PACED]
    return PushIntake(
        Keyring(upstreams),
        batch_readers(upstreams, [TRAFFIC], lambda: now[0]),
        admission,
        append=store.append_pushes,
        bind=store.bind,
        charge=store.charge,
        clock=lambda: now[0],
    )


def post(*items: object, headers: dict[bytes, bytes] = HEADERS) -> Request:
    return request("POST", "/v1/pushes", json.dumps({"pushes": items}).encode(), headers=headers)


def results(response: Response) -> list[dict[str, str]]:
    assert response.status == 202
    assert response.content_type == "application/json"
    return json.loads(response.body)["results"]


def problem_of(response: Response, status: int) -> dict[str, object]:
    body = json.loads(response.body)
    assert (response.status, response.content_type) == (status, "application/problem+json")
    assert body["status"] == status
    return body


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

    async def test_other_upstreams_accounts_alone_are_403_and_among_others_rejected(self, api, store):
        headers = HEADERS | {b"authorization": b"Bearer k-bounded"}
        foreign = ITEM | {"account": "parking"}
        refused = await api.enqueue(post(foreign, foreign, headers=headers))
        assert str(problem_of(refused, 403)["detail"]).startswith("pushes[0].account: 'parking' is not an account")
        assert store.calls == 0
        answered = results(await api.enqueue(post(foreign, ITEM, headers=headers)))
        assert [result["status"] for result in answered] == ["rejected", "queued"]

    async def test_an_upstream_of_all_accounts_has_a_wrong_name_rejected_like_any_other_field(self, api):
        [answered] = results(await api.enqueue(post(ITEM | {"account": "trafic"})))
        assert answered["error"].endswith("did you mean 'traffic'?")

    async def test_no_items_no_results(self, api):
        assert results(await api.enqueue(post())) == []

    @pytest.mark.parametrize(("items", "turns"), [([ITEM] * 2000, 9), ([ITEM | {"template_id": "x" * 60_000}] * 20, 9)])
    async def test_a_large_batch_lets_others_run_between(self, api, items, turns):
        had = 0

        async def others() -> None:
            nonlocal had
            while True:
                await trio.lowlevel.checkpoint()
                had += 1

        async with trio.open_nursery() as nursery:
            nursery.start_soon(others)
            assert len(results(await api.enqueue(post(*items)))) == len(items)
            nursery.cancel_scope.cancel()
        assert had >= turns

    async def test_a_request_is_written_while_the_next_of_its_upstream_is_read(self, api, store):
        between = 0
        async with trio.open_nursery() as nursery:
            for _ in range(2):
                nursery.start_soon(api.enqueue, post(*[ITEM] * 400))
            while store.calls < 2:
                await trio.lowlevel.checkpoint()
                between += store.calls == 1
        assert between >= 3, "read by turns, they are ready together"

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
        before = counted("shed", "other", "other")
        response = await api.enqueue(post(ITEM, 5))
        assert "idempotency key" in str(problem_of(response, 503)["detail"])
        assert (b"Retry-After", b"1") in response.headers
        assert counted("shed", "other", "other") == before + 1

    async def test_what_waits_of_one_upstream_is_bounded_and_leaves_room_for_the_others(
        self, api, store, nursery, autojump_clock, monkeypatch
    ):
        monkeypatch.setattr(upstream_memory, "MOST_BYTES", 1)
        store.delay = 1
        nursery.start_soon(api.enqueue, post(ITEM, ITEM))
        await wait_all_tasks_blocked()
        problem_of(await api.enqueue(post(ITEM, ITEM)), 429)
        others = HEADERS | {b"authorization": b"Bearer k-taxes"}
        assert len(results(await api.enqueue(post(ITEM, ITEM, headers=others)))) == 2
        await trio.sleep(1)  # by then the first is answered
        assert len(results(await api.enqueue(post(ITEM, ITEM)))) == 2

    async def test_a_store_that_is_too_slow_is_503(self, api, store, autojump_clock):
        store.delay = APPEND_SECONDS + 1
        problem_of(await api.enqueue(post(ITEM)), 503)
        assert trio.current_time() == pytest.approx(APPEND_SECONDS)


class TestIdempotencyKey:
    KEYED = HEADERS | {b"idempotency-key": b'"may-notice"'}

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

    async def test_a_request_without_items_leaves_it_free_too(self, api):
        assert results(await api.enqueue(post(headers=self.KEYED))) == []
        assert results(await api.enqueue(post(ITEM, headers=self.KEYED)))

    async def test_a_store_that_is_gone_is_503(self, api, store):
        store.gone = True
        problem_of(await api.enqueue(post(ITEM, headers=self.KEYED)), 503)


class TestRoom:
    async def test_over_the_mark_is_429_with_when_to_try_again_and_nothing_is_taken(self, api, store, admission):
        admission.observe(Backlog({"traffic:template": 99}, 0), trio.current_time())
        before = counted("shed", "other", "other")
        response = await api.enqueue(post(ITEM, ITEM))
        assert "99 pushes of account 'traffic' wait, and 100 may" in str(problem_of(response, 429)["detail"])
        assert (b"Retry-After", b"5") in response.headers
        assert store.calls == 0
        assert counted("shed", "other", "other") == before + 1

    async def test_what_was_taken_counts_before_the_next_reading(self, api, admission):
        admission.observe(Backlog({"traffic:template": 99}, 0), trio.current_time())
        assert results(await api.enqueue(post(ITEM)))
        problem_of(await api.enqueue(post(ITEM)), 429)

    async def test_an_upstream_with_no_room_at_all_is_refused_before_its_request_is_read(self, api, admission):
        admission.observe(Backlog({"traffic:template": 100}, 0), trio.current_time())
        problem_of(await api.enqueue(request("POST", "/v1/pushes", b"{", headers=HEADERS)), 429)

    async def test_a_store_short_of_memory_takes_no_pushes(self, api, admission):
        admission.observe(Backlog({}, 0.81), trio.current_time())
        assert "memory" in str(problem_of(await api.enqueue(post(ITEM)), 429)["detail"])


class TestRate:
    PACED = HEADERS | {b"authorization": b"Bearer k-paced"}

    async def test_an_upstream_with_a_rate_is_told_what_it_has_left(self, api):
        response = await api.enqueue(post(ITEM, ITEM, 5, headers=self.PACED))
        assert response.status == 202
        assert (b"RateLimit-Policy", b'"pushes";q=10;w=10') in response.headers
        assert (b"RateLimit", b'"pushes";r=7;t=3') in response.headers

    async def test_one_without_is_not(self, api, store):
        assert [name for name, _ in (await api.enqueue(post(ITEM))).headers] == [b"X-Request-Id"]
        assert not store.charged

    async def test_over_the_rate_is_429_and_asks_the_store_once(self, api, store, autojump_clock):
        assert results(await api.enqueue(post(*[ITEM] * 10, headers=self.PACED)))
        calls = store.calls
        for _ in range(3):
            response = await api.enqueue(post(ITEM, headers=self.PACED))
            problem_of(response, 429)
            assert dict(response.headers)[b"Retry-After"] == b"1"
        assert store.calls == calls + 1

    async def test_a_store_that_is_gone_is_503(self, api, store):
        store.gone = True
        problem_of(await api.enqueue(post(ITEM, headers=self.PACED)), 503)


async def test_the_requests_name_stands_in_the_answer_and_in_the_line_with_the_ids(api):
    named = HEADERS | {b"x-request-id": b"caller-7"}
    with capture_logs() as lines:
        response = await api.enqueue(post(ITEM, {"account": "gone"}, headers=named))
    assert (b"X-Request-Id", b"caller-7") in response.headers
    [line] = lines
    assert (line["event"], line["request_id"], line["upstream"]) == ("pushes enqueued", "caller-7", "fines")
    assert line["push_ids"] == [results(response)[0]["id"]]
    assert line["results"] == {"queued": 1, "rejected": 1}
    assert OPENID not in repr(line)


async def test_a_refused_request_is_named_too_and_nothing_of_it_is_repeated(api):
    with capture_logs() as lines:
        unknown = await api.enqueue(post(ITEM, headers={b"authorization": b"Bearer k-guessed"}))
        broken = await api.enqueue(request("POST", "/v1/pushes", b"{", headers=HEADERS))
    assert all(dict(response.headers)[b"X-Request-Id"] for response in (unknown, broken))
    assert [(line["event"], line["status"], line["upstream"]) for line in lines] == [
        ("push request refused", 401, ""),
        ("push request refused", 400, "fines"),
    ]
    assert "k-guessed" not in repr(lines)


async def test_a_traced_requests_pushes_go_on_from_its_span(store, admission):
    traces = FakeTraces(carrier=TRACED)
    api = PushIntake(
        Keyring([FINES]),
        batch_readers([FINES], [TRAFFIC], lambda: NOW),
        admission,
        append=store.append_pushes,
        bind=store.bind,
        charge=store.charge,
        clock=lambda: NOW,
        traces=traces,
    )
    with capture_logs() as lines:
        await api.enqueue(post(ITEM, headers=HEADERS | {b"traceparent": b"from-the-caller"}))
    [(name, traceparent, span)] = traces.begun
    assert (name, traceparent) == ("enqueue pushes", "from-the-caller")
    assert span.ended == [({"http.response.status_code": 202}, False)]
    assert [push.trace for push in store.pushes] == [TRACED]
    assert lines[0]["trace_id"] == TRACED[3:35]


async def test_without_tracing_a_push_carries_nothing(api, store):
    await api.enqueue(post(ITEM, headers=HEADERS | {b"traceparent": TRACED.encode()}))
    assert [push.trace for push in store.pushes] == [""]
