"""`/callback/{account}` as the platform sees it: what it is told, when, and what is counted."""

import json
from collections.abc import Callable

import pytest
import trio
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gateway.admission import Admission
from gateway.callbacks.receiver import CallbackReceiver
from gateway.http.messages import Request, Response
from queues.errors import StoreUnavailableError
from queues.event import CallbackEvent
from tests.gateway.fakes import FakeStore, answered, request
from tests.gateway.samples import NOW, OPENID, PLAIN, RECEIPT, SECURE, TOKEN, encrypted, event, message, query


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def routes(store):
    return CallbackReceiver(
        [PLAIN, SECURE], 600, hand_in=store.hand_in_event, admission=Admission(256, b""), clock=lambda: NOW
    )


def post(body: bytes, asked: bytes | None = None) -> Request:
    return request("POST", "/callback/plain", body, query=query() if asked is None else asked)


def get(asked: bytes) -> Request:
    return request("GET", "/callback/plain", query=asked)


def counted(event: str, result: str, account: str = "plain") -> float:
    labels = {"account": account, "event": event, "result": result}
    return REGISTRY.get_sample_value("tidegate_callbacks_total", labels) or 0


def assert_problem(response: Response, status: int) -> None:
    assert (response.status, response.content_type) == (status, "application/problem+json")
    assert json.loads(response.body)["status"] == status
    for secret in (OPENID, TOKEN, "hello"):
        assert secret.encode() not in response.body


async def test_verification_answers_the_echostr_and_nothing_else(routes):
    response = await answered(routes.verify, get(query(echostr="4375120948345356249")), "plain")
    assert (response.status, response.body) == (200, b"4375120948345356249")


async def test_verification_with_a_wrong_signature_is_403(routes):
    assert_problem(await answered(routes.verify, get(query(token="other", echostr="1")), "plain"), 403)


async def test_success_comes_without_quotes_once_the_event_is_appended(routes, store):
    before = counted("templatesendjobfinish", "accepted")
    response = await answered(routes.receive, post(RECEIPT), "plain")
    assert (response.status, response.body) == (200, b"success")
    assert response.content_type.startswith("text/plain")
    assert [event.body for event in store.events.values()] == [RECEIPT]
    assert counted("templatesendjobfinish", "accepted") == before + 1


async def test_a_repeat_gets_the_same_answer_and_is_counted_apart(routes, store):
    before = counted("text", "duplicate")
    first = await answered(routes.receive, post(message()), "plain")
    again = await answered(routes.receive, post(message(), query(nonce="2")), "plain")
    assert first == again
    assert len(store.events) == 1
    assert counted("text", "duplicate") == before + 1


async def test_secure_mode(routes, store):
    asked, body = encrypted(message())
    assert (await answered(routes.receive, post(body, asked), "secure")).body == b"success"
    assert [event.recipient for event in store.events.values()] == [OPENID]


async def test_a_forged_callback_is_403_and_is_not_appended(routes, store):
    before = counted("other", "rejected_signature")
    assert_problem(await answered(routes.receive, post(message(), query(token="other")), "plain"), 403)
    assert store.calls == 0
    assert counted("other", "rejected_signature") == before + 1


async def test_an_unreadable_callback_is_400(routes):
    before = counted("other", "rejected_parse")
    assert_problem(await answered(routes.receive, post(b"<!DOCTYPE x><xml/>"), "plain"), 400)
    assert counted("other", "rejected_parse") == before + 1


@pytest.mark.parametrize("account", ["nobody", "plain%2", "plain%zz", "%ff", "plain%2Fx", ""])
async def test_an_unknown_account_is_404_and_makes_no_label_of_its_own(routes, account):
    before = counted("other", "rejected_account", "other")
    assert_problem(await answered(routes.receive, post(message()), account), 404)
    assert_problem(await answered(routes.verify, get(query(echostr="1")), account), 404)
    assert counted("other", "rejected_account", "other") == before + 1


async def test_the_account_may_be_percent_encoded(routes):
    assert (await answered(routes.receive, post(message()), "pl%61in")).status == 200


async def test_an_event_nobody_knows_is_counted_as_other(routes):
    before = counted("other", "accepted")
    assert (await answered(routes.receive, post(event("invented_by_a_stranger")), "plain")).status == 200
    assert counted("other", "accepted") == before + 1
    assert counted("invented_by_a_stranger", "accepted") == 0


async def test_a_store_that_is_gone_is_503_so_that_the_platform_repeats(routes, store):
    store.gone = True
    before = counted("text", "shed")
    response = await answered(routes.receive, post(message()), "plain")
    assert_problem(response, 503)
    assert (b"Retry-After", b"1") in response.headers
    assert counted("text", "shed") == before + 1


async def test_what_could_not_be_appended_in_time_is_503_and_never_handed_in(store, autojump_clock):
    admission = Admission(256, b"")
    routes = CallbackReceiver([PLAIN], 600, hand_in=store.hand_in_event, admission=admission, clock=lambda: NOW)
    for batch in range(10):
        admission.observe(1.0, trio.current_time() + batch * 0.05, 256, 0)
    admission.observe(1.0, trio.current_time() + 0.5, 256, 256 * 17)  # more than 16 batches of 50 ms
    before = counted("templatesendjobfinish", "shed")
    response = await answered(routes.receive, post(RECEIPT), "plain")
    assert_problem(response, 503)
    assert (b"Retry-After", b"1") in response.headers
    assert counted("templatesendjobfinish", "shed") == before + 1
    assert store.events == {}
    assert (await answered(routes.receive, post(message()), "plain")).status == 200, (
        "a person's message still is in time"
    )


async def test_an_append_whose_outcome_is_not_known_is_503_too(store):
    def fails_later(_event: CallbackEvent, told: Callable[[bool | StoreUnavailableError], None]) -> None:
        told(StoreUnavailableError("the answer was lost"))

    routes = CallbackReceiver([PLAIN], 600, hand_in=fails_later, admission=Admission(256, b""), clock=lambda: NOW)
    assert_problem(await answered(routes.receive, post(message()), "plain"), 503)


async def test_a_flood_of_refusals_is_one_line_a_second_in_the_log(store, mock_clock):
    with capture_logs() as lines:
        routes = CallbackReceiver(
            [PLAIN], 600, hand_in=store.hand_in_event, admission=Admission(256, b""), clock=lambda: NOW
        )
        for _ in range(50):
            await answered(routes.receive, post(message(), query(token="other")), "plain")
        mock_clock.jump(1)
        await answered(routes.receive, post(message(), query(token="other")), "plain")
    assert [(line["event"], line["account"], line["left_out"]) for line in lines] == [
        ("callback refused", "plain", 0),
        ("callback refused", "plain", 49),
    ]
    assert "token" in lines[0]["reason"]
    assert OPENID not in str(lines)
