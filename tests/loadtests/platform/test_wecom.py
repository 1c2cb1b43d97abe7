"""Fact sheet §3.3, §4.10 and §5.2: WeCom."""

import pytest

from loadtests.platform.options import AccountOptions
from loadtests.platform.wecom.frequency import BaseFrequency, MemberLimits
from loadtests.platform.wecom.tokens import WecomTokens

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"
NOON = 1_714_104_000.0  # 2024-04-26 12:00 in Beijing

CORP = "ww1234567890abcdef"
AGENT = 1_000_002


def text(touser="zhangsan", **changes):
    return {"touser": touser, "msgtype": "text", "agentid": AGENT, "text": {"content": "done"}} | changes


def send(platform, message):
    return platform.post("message/send", message)


def desk(**changes):
    return WecomTokens(CORP, "s1", 7200, "d", **changes)


def test_3_3_the_same_token_while_it_is_valid():
    tokens = desk()
    first = tokens.fetch(CORP, "s1", NOON)
    assert tokens.fetch(CORP, "s1", NOON + 7199).token == first.token
    assert tokens.fetch(CORP, "s1", NOON + 7200).token != first.token
    assert tokens.check(first.token, NOON + 7200) == 42001


def test_9_6_or_a_new_one_every_time():
    tokens = desk(same=False)
    assert tokens.fetch(CORP, "s1", NOON).token != tokens.fetch(CORP, "s1", NOON).token


def test_3_3_the_answer_has_an_errcode(wecom):
    answer = wecom().ask("GET", "/cgi-bin/gettoken", corpid=CORP, corpsecret="s1")
    assert set(answer) == {"errcode", "errmsg", "access_token", "expires_in"}
    assert answer["errcode"] == 0


@pytest.mark.parametrize(
    ("corp", "secret", "errcode"), [(CORP, "", 41004), ("ww9", "s1", 40013), (CORP, "wrong", 40001)]
)
def test_3_3_wrong_credentials(wecom, corp, secret, errcode):
    assert wecom().ask("GET", "/cgi-bin/gettoken", corpid=corp, corpsecret=secret)["errcode"] == errcode


def test_3_3_two_thousand_failed_calls_an_hour_block_gettoken_for_an_hour():
    tokens = desk()
    assert {tokens.fetch(CORP, "wrong", NOON) for _ in range(2001)} == {40001}
    assert tokens.fetch(CORP, "s1", NOON) == 45009
    assert tokens.fetch(CORP, "s1", NOON + 3600).token


def test_5_2_errors_carry_a_hint_and_the_callers_address(wecom):
    answer = send(wecom(), text(touser=""))
    assert answer["errcode"] == 82001
    assert "hint: [1714104000_" in answer["errmsg"]
    assert "from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e=82001" in answer["errmsg"]


def test_4_10_partly_invalid_is_sent_to_the_rest_and_the_invalid_come_back_in_lower_case(wecom):
    platform = wecom()
    platform.platform.account("").recipients.set_follows("lisi", False)
    answer = send(platform, text("zhangsan|LiSi", toparty="1|x", totag="0"))
    assert (answer["errcode"], answer["invaliduser"]) == (0, "lisi")
    assert (answer["invalidparty"], answer["invalidtag"], answer["unlicenseduser"]) == ("x", "0", "")
    assert isinstance(answer["msgid"], str)
    assert [row.openid for row in platform.rows()][:2] == ["zhangsan", "party1-0"]


def test_4_10_none_valid_is_81013(wecom):
    assert send(wecom(unsubscribed_share=1), text("zhangsan|lisi"))["errcode"] == 81013


def test_4_10_all_reaches_the_whole_scope(wecom):
    platform = wecom(followers=7)
    assert send(platform, text("@all", toparty="1"))["errcode"] == 0
    assert len(platform.rows()) == 7


@pytest.mark.parametrize(
    ("message", "errcode"),
    [
        (text(""), 82001),
        (text("|".join(f"u{number}" for number in range(1001))), 40032),
        (text(toparty="|".join(str(number) for number in range(101))), 82002),
        (text(totag="|".join(str(number) for number in range(101))), 82003),
        (text(agentid=None), 41011),
        (text(agentid="x"), 40056),
        (text(agentid=1_000_003), 301002),
        (text(msgtype="song"), 40008),
        (text(text={"content": ""}), 44004),
        (text(text={"content": "x" * 3000}), 0),
        (text(msgtype="image", image={"media_id": "never-uploaded"}), 40007),
        (text(msgtype="textcard", textcard={"title": "a", "url": "https://x"}), 41033),
        (text(msgtype="textcard", textcard={"title": "a", "description": "b", "url": "https://x"}), 0),
        (text(msgtype="news", news={"articles": [{"title": "a"}] * 9}), 45008),
        (text(msgtype="markdown", markdown={"content": "x" * 2049}), 45002),
        (text("@all", msgtype="miniprogram_notice", miniprogram_notice={"appid": "wx", "title": "a"}), 40035),
        (text(msgtype="template_card", template_card={"card_type": "nonsense"}), 40035),
        (text(msgtype="template_card", template_card={"card_type": "text_notice"}), 0),
        (text(msgtype="template_card", template_card={"card_type": "vote_interaction"}), 42014),
    ],
)
def test_4_10_forms(wecom, message, errcode):
    assert send(wecom(followers=3), message)["errcode"] == errcode


def test_5_2_a_number_given_as_a_string_is_let_pass_with_a_warning(wecom):
    answer = send(wecom(), text(agentid=str(AGENT)))
    assert answer["errcode"] == 0
    assert "Warning: wrong json format" in answer["errmsg"]


def test_4_10_the_31st_message_to_a_member_within_a_minute_is_dropped_and_the_answer_is_ok(wecom):
    platform = wecom()
    assert {send(platform, text())["errcode"] for _ in range(31)} == {0}
    assert [row.dropped for row in platform.rows()] == [False] * 30 + [True]
    platform.now += 60
    send(platform, text())
    assert not platform.rows()[-1].dropped


def test_4_10_a_member_gets_a_thousand_an_hour():
    limits = MemberLimits()
    hour = NOON - NOON % 3600
    delivered = [limits.take("a", hour + turn) for turn in range(3600)]
    assert delivered.count(True) == 1000
    assert limits.take("b", hour + 3599)
    assert limits.take("a", hour + 3600)


def test_4_10_the_day_has_200_person_times_for_each_account_of_the_corp(wecom):
    platform = wecom(wecom_accounts=1, member_per_minute=0)
    many = "|".join(f"u{number}" for number in range(150))
    assert [send(platform, text(many))["errcode"] for _ in range(2)] == [0, 45009]
    assert send(platform, text("a"))["errcode"] == 0
    platform.now += 12 * 3600
    assert send(platform, text(many))["errcode"] == 0


def test_9_16_above_the_days_budget_it_may_be_dropped_instead(wecom):
    platform = wecom(wecom_accounts=1, wecom_over_budget="drop")
    many = "|".join(f"u{number}" for number in range(150))
    assert [send(platform, text(many))["errcode"] for _ in range(2)] == [0, 0]
    assert [row.dropped for row in platform.rows()] == [False] * 150 + [True] * 150


def test_4_10_a_checked_repeat_is_not_sent_again(wecom):
    platform = wecom()
    checked = text(enable_duplicate_check=1, duplicate_check_interval=60)
    first, again = send(platform, checked), send(platform, checked)
    assert (again["errcode"], again["msgid"]) == (0, first["msgid"])
    assert [row.repeat for row in platform.rows()] == [False, True]
    platform.now += 60
    assert send(platform, checked)["msgid"] != first["msgid"]
    assert send(platform, text())["msgid"] != send(platform, text())["msgid"]  # by default nothing is checked


def test_9_12_or_a_repeat_is_an_error(wecom):
    platform = wecom(wecom_repeat_errcode=45009)
    checked = text(enable_duplicate_check=1)
    assert [send(platform, checked)["errcode"] for _ in range(2)] == [0, 45009]


def test_4_10_recall_within_24_hours_and_once(wecom):
    platform = wecom()
    first, second = send(platform, text())["msgid"], send(platform, text())["msgid"]
    assert [platform.code("message/recall", {"msgid": first}) for _ in range(2)] == [0, 40058]
    platform.now += 86_400
    assert platform.code("message/recall", {"msgid": second}) == 40058


def test_4_10_a_response_code_is_good_once_and_for_72_hours(wecom):
    card = {"card_type": "button_interaction", "task_id": "t1"}
    platform = wecom()
    code = send(platform, text(msgtype="template_card", template_card=card))["response_code"]
    assert send(platform, text(msgtype="template_card", template_card=card))["errcode"] == 42014  # one a task_id
    update = {"response_code": code}
    assert [platform.code("message/update_template_card", update) for _ in range(2)] == [0, 40058]
    platform = wecom(response_code_hours=24)
    code = send(platform, text(msgtype="template_card", template_card=card))["response_code"]
    platform.now += 24 * 3600
    assert platform.code("message/update_template_card", {"response_code": code}) == 40058


@pytest.mark.parametrize(("limit", "calls", "blocked"), [("minute", 10_000, 60), ("hour", 150_000, 3600)])
def test_4_10_above_the_base_frequency_an_api_is_blocked_for_the_limits_own_period(limit, calls, blocked):
    frequency = BaseFrequency(**{"per_minute": 0, "per_hour": 0, f"per_{limit}": calls})
    start = NOON - NOON % 3600
    assert {frequency.enter(start, 0, 0) for _ in range(calls)} == {0}
    assert frequency.enter(start + 1, 0, 0) == 45009
    assert frequency.enter(start + blocked, 0, 0) == 45009  # it counts from the excess, not by the clock
    assert frequency.enter(start + 1 + blocked, 0, 0) == 0


def test_5_2_too_many_at_once_is_45033(wecom):
    platform = wecom(concurrency_cap=1, latency_ms=100)
    assert [send(platform, text())["errcode"] for _ in range(2)] == [0, 45033]


def test_4_10_media_answers_with_an_errcode_and_created_at_as_a_string(wecom):
    platform = wecom()
    body = b'--b\r\nContent-Disposition: form-data; name="media"; filename="a.pdf"\r\n\r\n123456\r\n--b--\r\n'
    answer = platform.post("media/upload", body, type="file")
    assert (answer["errcode"], answer["created_at"]) == (0, "1714104000")
    file = text(msgtype="file", file={"media_id": answer["media_id"]})
    assert send(platform, file)["errcode"] == 0
    assert platform.post("media/upload", body.replace(b"123456", b"12345"), type="file")["errcode"] == 40006


def test_4_10_addresses(wecom):
    assert wecom().get("getcallbackip")["errcode"] == 0
    assert wecom().get("get_api_domain_ip")["ip_list"]


def test_7_4_the_token_of_one_application_is_not_that_of_another(world):
    def application(secret, agent_id):
        return AccountOptions(kind="wecom", app_id=CORP, app_secret=secret, token="t", aes_key=KEY, agent_id=agent_id)

    platform = world(accounts=(application("s1", AGENT), application("s2", AGENT + 1)))
    first, other = f"{CORP}:{AGENT}", f"{CORP}:{AGENT + 1}"
    assert platform.tokens[first] != platform.tokens[other]
    assert platform.post("message/send", text(), first)["errcode"] == 0
    assert platform.post("message/send", text(), other)["errcode"] == 301002


def test_1_8_events_name_the_corp_and_the_application(wecom):
    platform = wecom()
    platform.fire(openid="zhangsan", event="enter_agent")
    platform.fire(openid="sys", event="change_contact", fields={"ChangeType": "create_user", "UserID": "lisi"})
    platform.fire(openid="zhangsan", text="hello")
    entered, changed, said = platform.xml()
    assert f"<ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[zhangsan]]>" in entered
    assert f"<EventKey><![CDATA[]]></EventKey><AgentID>{AGENT}</AgentID></xml>" in entered
    assert "<ChangeType><![CDATA[create_user]]></ChangeType><UserID><![CDATA[lisi]]></UserID>" in changed
    assert said.endswith(f"</MsgId><AgentID>{AGENT}</AgentID></xml>")
