import json

import pytest

from pushers.tokens.answer import TokenRequest, judge_token, token_request
from queues.account import Account
from queues.secret import Secret

ACCOUNT = Account(name="city", app_id="wx1", app_secret=Secret("hush"))


def answer(errcode: int, errmsg: str = "") -> bytes:
    return json.dumps({"errcode": errcode, "errmsg": errmsg}).encode()


def test_the_request_is_the_platforms():
    asked = token_request(ACCOUNT, force=False)
    assert (asked.method, asked.target) == ("POST", "/cgi-bin/stable_token")
    assert json.loads(asked.body) == {
        "grant_type": "client_credential",
        "appid": "wx1",
        "secret": "hush",
        "force_refresh": False,
    }


def test_wecom_is_asked_in_the_query_and_can_force_nothing():
    account = Account(name="office", kind="wecom", app_id="ww1", app_secret=Secret("a+b"), agent_id=1)
    for force in (False, True):
        asked = token_request(account, force=force)
        assert asked == TokenRequest("GET", "/cgi-bin/gettoken?corpid=ww1&corpsecret=a%2Bb")


def test_the_classic_endpoint_is_asked_in_the_query():
    account = Account(name="city", app_id="wx1", app_secret=Secret("hush"), classic_token=True)
    target = "/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=hush"
    assert token_request(account, force=False) == TokenRequest("GET", target)


def test_wecoms_codes_are_read_by_its_own_table():
    assert judge_token(200, answer(40091, "secret is invalid"), "wecom").kind == "stop"
    assert judge_token(200, answer(45033), "wecom").kind == "retry"
    fetched = judge_token(200, b'{"errcode":0,"errmsg":"ok","access_token":"t-1","expires_in":7200}', "wecom")
    assert (fetched.kind, fetched.token) == ("fetched", "t-1")


def test_a_token_comes_without_an_errcode():
    verdict = judge_token(200, b'{"access_token":"t-1","expires_in":7200}')
    assert (verdict.kind, verdict.token, verdict.seconds) == ("fetched", "t-1", 7200)


@pytest.mark.parametrize(
    "errcode", [40001, 40002, 40013, 40125, 40164, 40243, 41002, 45035, 48004, 50004, 61004, 89501, 89503, 99999]
)
def test_what_a_person_must_mend_stops_the_account(errcode):
    verdict = judge_token(200, answer(errcode, "words rid: 1-2-3"))
    assert (verdict.kind, verdict.error) == ("stop", f"errcode {errcode}: words")
    assert verdict.seconds >= 60


def test_a_refusal_by_the_administrator_lasts_as_long_as_the_platform_says():
    assert judge_token(200, answer(89507)).seconds == 3_600
    assert judge_token(200, answer(89506)).seconds == 86_400


@pytest.mark.parametrize("errcode", [45009, 45011])
def test_a_spent_token_quota_waits_and_stops_nothing(errcode):
    verdict = judge_token(200, answer(errcode))
    assert (verdict.kind, verdict.seconds) == ("retry", 300)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, answer(-1)),
        (200, b""),
        (502, b"Bad Gateway"),
        (200, b"{}"),
        (200, b'{"access_token":"a b","expires_in":7200}'),
        (200, b'{"access_token":"a\\r\\nX: y","expires_in":7200}'),
        (200, '{"access_token":"schlüssel","expires_in":7200}'.encode()),
        (200, b'{"access_token":"%b","expires_in":7200}' % (b"a" * 2049)),
        (500, b'{"access_token":"t","expires_in":7200}'),
    ],
)
def test_anything_else_is_asked_again(status, body):
    verdict = judge_token(status, body)
    assert (verdict.kind, verdict.token) == ("retry", "")


@pytest.mark.parametrize(
    ("life", "seconds"),
    [
        (b"-1", 30),
        (b"NaN", 30),
        (b'"7200"', 30),
        (b"1e999", 86_400),
        (b"Infinity", 86_400),
        (b"9" * 400, 86_400),
    ],
)
def test_a_life_that_no_token_has_is_one_that_a_token_may_have(life, seconds):
    verdict = judge_token(200, b'{"access_token":"t","expires_in":%b}' % life)
    assert (verdict.kind, verdict.seconds) == ("fetched", seconds)


def test_a_token_without_a_life_is_taken_for_a_short_one():
    assert judge_token(200, b'{"access_token":"t"}').seconds == 30
