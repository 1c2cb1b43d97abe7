"""What goes over the wire for a push of each channel, and what the platform's answers mean there."""

import json

import pytest
from msgspec import structs

from pushers.channels.registry import CHANNELS
from queues.push import AUDIENCE_IN_MESSAGE
from tests.pushers.makers import claim


def push(channel, body, recipient="oUSER"):
    return structs.replace(claim(channel=channel).push, recipient=recipient, body=json.dumps(body).encode())


def sent(channel, body, recipient="oUSER"):
    made = push(channel, body, recipient)
    return CHANNELS[channel].path(made), json.loads(CHANNELS[channel].body(made))


TEXT = {"msgtype": "text", "text": {"content": "hi"}}


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channels_name_is_its_api_since_its_pushes_wait_and_count_under_it(name):
    assert CHANNELS[name].api == name


def test_a_notice_goes_to_bizsend():
    path, body = sent("subscribe", {"template_id": "T", "data": {}})
    assert path == "/cgi-bin/message/subscribe/bizsend"
    assert body == {"touser": "oUSER", "template_id": "T", "data": {}}


def test_a_customer_service_message_goes_to_its_recipient():
    assert sent("custom", TEXT) == ("/cgi-bin/message/custom/send", {"touser": "oUSER"} | TEXT)


def test_a_mass_message_goes_to_a_list_or_to_a_filter_under_an_id_of_at_most_32_characters():
    to_list, to_tag = TEXT | {"touser": ["oA", "oB"]}, TEXT | {"filter": {"tag_id": 2}}
    path, body = sent("mass", to_list, AUDIENCE_IN_MESSAGE)
    assert path == "/cgi-bin/message/mass/send"
    assert body == to_list | {"clientmsgid": claim().push.id}
    assert len(body["clientmsgid"]) <= 32
    assert sent("mass", to_tag, AUDIENCE_IN_MESSAGE)[0] == "/cgi-bin/message/mass/sendall"


def test_what_a_mass_message_says_does_not_decide_whom_it_goes_to():
    trap = {"msgtype": "text", "text": {"content": '"filter":{'}, "touser": ["oA", "oB"]}
    assert sent("mass", trap, AUDIENCE_IN_MESSAGE)[0] == "/cgi-bin/message/mass/send"


def test_a_mass_message_that_is_there_already_is_as_good_as_sent():
    verdict = CHANNELS["mass"].judge(200, b'{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":1000001625}')
    assert (verdict.kind, verdict.msgid) == ("sent", "1000001625")


def test_a_wecom_message_goes_to_a_member_or_to_the_audience_in_its_body():
    assert sent("wecom", TEXT, "zhangsan")[1] == {"touser": "zhangsan"} | TEXT
    parties = TEXT | {"toparty": "1|2"}
    assert sent("wecom", parties, AUDIENCE_IN_MESSAGE) == ("/cgi-bin/message/send", parties)


def test_a_wecom_message_that_reached_some_is_sent_and_says_whom_it_did_not_reach():
    answer = {"errcode": 0, "errmsg": "ok", "invaliduser": "lisi", "invalidparty": "", "msgid": "Xv0abc"}
    verdict = CHANNELS["wecom"].judge(200, json.dumps(answer).encode())
    assert (verdict.kind, verdict.msgid) == ("sent", "Xv0abc")
    assert json.loads(verdict.detail) == {"invaliduser": "lisi"}


def test_a_wecom_message_that_reached_everybody_has_no_more_to_say():
    verdict = CHANNELS["wecom"].judge(200, b'{"errcode":0,"errmsg":"ok","invaliduser":"","msgid":"Xv0abc"}')
    assert verdict.detail == b""


@pytest.mark.parametrize("odd", ['"\\ud800"', "NaN", "9" * 40, '{"a":[1]}', "[" * 900 + "]" * 900])
def test_whatever_wecom_puts_where_names_should_stand_can_be_kept(odd):
    answer = f'{{"errcode":0,"invaliduser":{odd},"msgid":{odd}}}'
    verdict = CHANNELS["wecom"].judge(200, answer.encode())
    assert verdict.kind == "sent"
    assert (verdict.msgid.encode(), verdict.detail) in {(b"", b""), (b"?", b'{"invaliduser":"?"}')}


def test_a_webhook_says_which_push_it_is_for_whom_and_since_when():
    data = {"message": {"text": "蓝"}, "image": "https://city.test/pictures/x"}
    assert sent("webhook", data)[1] == {
        "type": "push",
        "timestamp": "2024-04-26T06:20:45Z",
        "data": {"id": claim().push.id, "account": "city", "to": "oUSER"} | data,
    }


@pytest.mark.parametrize("answer", [b"", b'{"errcode":40001}', b"\xff"])
@pytest.mark.parametrize(
    ("status", "kind", "unknown"),
    [
        (200, "sent", False),
        (204, "sent", False),
        (301, "dead", False),
        (400, "dead", False),
        (410, "dead", False),
        (429, "retry", False),
        (500, "retry", True),
        (503, "retry", True),
    ],
)
def test_a_receiver_answers_by_its_status_alone(status, kind, unknown, answer):
    verdict = CHANNELS["webhook"].judge(status, answer)
    assert (verdict.kind, verdict.unknown) == (kind, unknown)
    assert verdict.error == ("" if kind == "sent" else f"HTTP {status}")
    assert verdict.strain == (kind == "retry")


def test_wecoms_codes_have_their_own_meanings():
    assert CHANNELS["wecom"].judge(200, b'{"errcode":81013,"errmsg":"all invalid"}').kind == "suppressed"
    assert CHANNELS["wecom"].judge(200, b'{"errcode":48002,"errmsg":"no permission"}').kind == "stop"
    assert CHANNELS["template"].judge(200, b'{"errcode":48002,"errmsg":"user block"}').kind == "suppressed"
