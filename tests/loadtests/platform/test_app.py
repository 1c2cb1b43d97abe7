"""Fact sheet §3, §4 and §8: the front door, several accounts, faults by rule, outages."""

import json

import pytest

from loadtests.platform.faults import FaultRule
from loadtests.platform.http_server import Request
from loadtests.platform.options import AccountOptions

SECOND = AccountOptions(app_id="wx0000000000000002", app_secret="f" * 32, token="t2", original_id="gh_2")
TEMPLATE = {"touser": "oSomebody", "template_id": "T", "data": {"thing1": {"value": "a"}}}
SEND = "message/template/send"


def test_8_several_accounts_do_not_see_each_other(world):
    platform = world(accounts=(SECOND,), per_day=1, custom_windows="off")
    first, second = platform.tokens
    assert platform.code(SEND, TEMPLATE, first) == 0
    assert platform.code(SEND, TEMPLATE, first) == 45009
    assert platform.code(SEND, TEMPLATE, second) == 0
    assert [row.app_id for row in platform.rows()] == [first, second]
    assert "<![CDATA[gh_2]]>" in platform.xml()[1]


def test_8_a_secret_is_checked_against_its_own_account(world):
    platform = world(accounts=(SECOND,))
    body = {"grant_type": "client_credential", "appid": SECOND.app_id, "secret": platform.options.app_secret}
    assert platform.ask("POST", "/cgi-bin/stable_token", body)["errcode"] == 40001
    assert platform.ask("POST", "/cgi-bin/stable_token", body | {"appid": "wx9"})["errcode"] == 40013


def test_8_both_kinds_in_one_simulator_share_the_paths_they_share(world):
    key = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"
    corp = AccountOptions(kind="wecom", app_id="ww1", app_secret="s", token="t", aes_key=key)
    platform = world(accounts=(corp,))
    assert "errcode" not in platform.get("getcallbackip")
    assert platform.get("getcallbackip", corp.name)["errcode"] == 0


def test_5_1_wrong_methods(world):
    platform = world()
    assert platform.get(SEND)["errcode"] == 43002
    assert platform.post("user/get", b"")["errcode"] == 43001


@pytest.mark.parametrize(
    ("body", "errcode"), [(b"", 44002), (b"{", 47001), (b'{"touser":"\\u4f60"}', 47002), (b"[1]", 47001)]
)
def test_4_bodies(world, body, errcode):
    assert world().code("message/custom/send", body) == errcode


def test_3_4_a_call_without_a_token_is_41001_and_with_another_ones_40001(world):
    platform = world()
    assert platform.ask("POST", f"/cgi-bin/{SEND}", TEMPLATE)["errcode"] == 41001
    assert platform.ask("POST", f"/cgi-bin/{SEND}", TEMPLATE, access_token="x")["errcode"] == 40001


@pytest.mark.parametrize(("live", "errcode"), [(2, 40001), (3, 0)])
def test_8_how_many_classic_tokens_live_is_a_parameter(world, live, errcode):
    platform = world(live_tokens=live, token_seconds=7200)
    options = platform.options
    query = {"grant_type": "client_credential", "appid": options.app_id, "secret": options.app_secret}
    oldest = platform.ask("GET", "/cgi-bin/token", **query)["access_token"]
    for _ in range(2):
        platform.ask("GET", "/cgi-bin/token", **query)
    assert platform.ask("POST", f"/cgi-bin/{SEND}", TEMPLATE, access_token=oldest)["errcode"] == errcode


def test_4_1_too_many_at_once_are_answered_system_error(world):
    platform = world(concurrency_cap=2, latency_ms=100)
    assert [platform.code(SEND, TEMPLATE) for _ in range(3)] == [0, 0, -1]
    platform.now += 0.1
    assert platform.code(SEND, TEMPLATE) == 0


def test_8_faults_by_account_api_and_time(world):
    rules = (
        FaultRule(fault="-1", api="template", account=SECOND.app_id),
        FaultRule(fault="http_500", api="custom", after=10, until=20),
    )
    platform = world(accounts=(SECOND,), fault_rules=rules)
    first, second = platform.tokens
    assert [platform.code(SEND, TEMPLATE, name) for name in (first, second)] == [0, -1]
    token = platform.tokens[first]
    statuses = []
    for _ in range(3):
        statuses.append(platform.reply("POST", "/cgi-bin/message/custom/send", b"{}", access_token=token).status)
        platform.now += 10
    assert statuses == [200, 500, 200]


def test_8_a_send_in_vain_is_a_row_of_the_ledger(world):
    platform = world(fault_rules=(FaultRule(fault="garbage", api="custom"),))
    platform.code(SEND, TEMPLATE | {"touser": "x"})
    platform.reply("POST", "/cgi-bin/message/custom/send", b"{}", access_token=platform.tokens[platform.options.app_id])
    platform.get("user/info", openid="x")
    rows = [(row.channel, row.answer) for row in platform.ledger.refusals.page(0)]
    assert rows == [("template", "40003"), ("custom", "garbage")]


@pytest.mark.parametrize(
    ("how", "status", "manner"), [("5xx", 502, "answer"), ("silence", 200, "silence"), ("close", 200, "close")]
)
def test_8_down_for_a_while(world, how, status, manner):
    platform = world()
    platform.platform.outage.begin(how, platform.now, 30)
    reply = platform.reply("POST", f"/cgi-bin/{SEND}", b"{}")
    assert (reply.status, reply.how) == (status, manner)
    platform.now += 30
    assert platform.code(SEND, TEMPLATE) == 0


def test_8_latency_delays_the_answer(world):
    platform = world(latency_ms=50, latency_shape="fixed", slow_share=1, slow_ms=2000)
    assert platform.reply("GET", "/cgi-bin/getcallbackip").delay == 2


def test_1_7_receipts_may_be_over_the_frequency_limit(world):
    platform = world(freq_limit_share=1)
    platform.code(SEND, TEMPLATE)
    assert platform.called[0][1].status == "failed:freq limit"


def test_a_repeat_answered_with_an_error_is_no_refusal(world):
    platform = world(repeat_errcode=40241)
    codes = [platform.code(SEND, TEMPLATE | {"client_msg_id": "a"}) for _ in range(2)]
    assert codes == [0, 40241]
    assert platform.ledger.refusals.total == 0


def test_what_is_not_simulated_is_404(world):
    assert world().platform.handle(Request(b"GET", b"/cgi-bin/nothing", b"", b"")).status == 404


def test_answers_are_in_the_platforms_shape(world):
    reply = world().reply("POST", f"/cgi-bin/{SEND}", TEMPLATE, access_token="x")
    assert reply.content_type == b"text/plain"
    assert " rid: 6" in json.loads(reply.body)["errmsg"]
