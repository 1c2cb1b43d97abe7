"""Standard Webhooks, by its own words: what is signed is taken once, anything else is not."""

import pytest

from loadtests.platform.faults import FaultRule
from loadtests.platform.http_server import Request

SECRET = "whsec_dGhlIHNpbXVsYXRvcidzIG93biBzZWNyZXQ="
# Signed beforehand by the specification's own words, at NOON.
BODY = (
    b'{"type":"push","timestamp":"2024-04-26T04:00:00Z","data":{"id":"1-A","account":"city","to":"oANNA","message":{}}}'
)
SIGNED = {
    b"webhook-id": b"1-A",
    b"webhook-timestamp": b"1714104000",
    b"webhook-signature": b"v1,Q4Lo2/f7onWMw+OILE7nb4CSqL2c2drZjyDYwLAW4z8=",
}


def post(world, body=BODY, method=b"POST", **changed):
    headers = SIGNED | {f"webhook-{name}".encode(): value for name, value in changed.items()}
    return world.platform.handle(Request(method, b"/webhook", b"", body, webhook=headers))


def test_what_is_signed_is_taken_and_its_repeat_is_known(world):
    platform = world(webhook_secret=SECRET)
    assert [post(platform).status, post(platform).status] == [204, 204]
    first, second = platform.rows()
    assert (first.channel, first.client_msg_id, first.openid, first.repeat) == ("webhook", "1-A", "oANNA", False)
    assert (second.repeat, second.msgid) == (True, first.msgid)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"body": BODY.replace(b"oANNA", b"oEVIL")}, 401),
        ({"id": b"1-B"}, 401),
        ({"timestamp": b"1714104001"}, 401),
        ({"timestamp": b"soon"}, 401),
        ({"signature": b""}, 401),
        ({"method": b"GET"}, 405),
        ({"body": b"{}", "signature": b"v1,ckjz+tgDb/xoBsNYBmdJMWhxII3SgmIcK5EE8jSh8LM="}, 400),
    ],
)
def test_what_is_not_is_refused_and_a_row_of_its_own(world, changed, status):
    platform = world(webhook_secret=SECRET)
    assert post(platform, **changed).status == status
    assert platform.rows() == []
    assert [row.answer for row in platform.ledger.refusals.page(0)] == [str(status)]


def test_a_signature_grows_old(world):
    platform = world(webhook_secret=SECRET)
    platform.now += 301
    assert post(platform).status == 401


@pytest.mark.parametrize(
    ("fault", "status", "how"),
    [("410", 410, "answer"), ("-1", 500, "answer"), ("http_500", 500, "answer"), ("no_answer", 500, "silence")],
)
def test_faults_refuse_it_by_their_status(world, fault, status, how):
    platform = world(webhook_secret=SECRET, fault_rules=(FaultRule(fault=fault, api="webhook"),))
    reply = post(platform)
    assert (reply.status, reply.how, platform.rows()) == (status, how, [])


def test_what_was_taken_may_lose_its_answer(world):
    platform = world(webhook_secret=SECRET, faults={"lost_answer": 1})
    assert post(platform).how == "close"
    assert [row.answered for row in platform.rows()] == [False]


def test_without_a_secret_there_is_no_receiver(world):
    assert post(world()).status == 404


def test_a_secret_that_is_none_is_told_at_once(world):
    with pytest.raises(ValueError, match="webhook_secret: "):
        world(webhook_secret="whsec_x")
