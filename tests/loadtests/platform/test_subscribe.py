"""Fact sheet §4.2, §4.3 and §1.7: subscription notices."""

import pytest

OPENID = "oTESTopenid00000000000000001"


def notice(**changes):
    return {"touser": OPENID, "template_id": "TPL", "data": {"thing1": {"value": "a mug"}}} | changes


def test_4_3_without_an_accepted_prompt_it_is_43101(world):
    assert world().code("message/subscribe/bizsend", notice()) == 43101


def test_4_3_one_accepted_prompt_is_one_message(world):
    platform = world()
    platform.prompt(openid=OPENID, template_id="TPL")
    assert [platform.code("message/subscribe/bizsend", notice()) for _ in range(2)] == [0, 43101]
    assert platform.prompt(openid=OPENID, template_id="TPL") == {"left": 1}
    assert platform.prompt(openid=OPENID, template_id="TPL", choice="change") == {"left": 0}
    assert platform.code("message/subscribe/bizsend", notice()) == 43101


def test_4_3_long_term_templates_have_no_end(world):
    platform = world(subscribe_allowance=-1)
    assert {platform.code("message/subscribe/send", notice()) for _ in range(10)} == {0}


def test_4_3_the_fate_comes_as_subscribe_msg_sent_event(world):
    platform = world(subscribe_allowance=1)
    msgid = platform.post("message/subscribe/bizsend", notice())["msgid"]
    [(delay, sent)] = platform.called
    assert delay == platform.options.receipt_delay
    assert (sent.name, sent.msgid, sent.status) == ("subscribe_msg_sent_event", str(msgid), "success")
    assert f"<List><TemplateId><![CDATA[TPL]]></TemplateId><MsgID>{msgid}</MsgID><ErrorCode>0<" in sent.xml.decode()


def test_9_8_what_a_failed_one_says_is_a_parameter(world):
    platform = world(subscribe_allowance=1, user_block_share=1, subscribe_failure="7:user block")
    platform.post("message/subscribe/bizsend", notice())
    assert "<ErrorCode>7</ErrorCode><ErrorStatus><![CDATA[user block]]></ErrorStatus>" in platform.xml()[0]


def test_9_18_the_msgid_of_bizsend_may_be_missing(world):
    platform = world(subscribe_allowance=1, bizsend_msgid="no")
    assert platform.post("message/subscribe/bizsend", notice()) == {"errcode": 0, "errmsg": "ok"}


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("bizsend", notice(touser="x"), 40003),
        ("bizsend", notice(template_id=""), 40037),
        ("bizsend", notice(data={}), 47003),
        ("bizsend", notice(data={"thing1": {"value": "x" * 21}}), 47003),
        ("bizsend", notice(page="pages/index"), 41030),
        ("send", notice(page="pages/index"), 0),
        ("send", notice(miniprogram_state="beta"), 47001),
        ("send", notice(lang="fr_FR"), 47001),
    ],
)
def test_4_3_forms(world, path, body, errcode):
    assert world(subscribe_allowance=1).code(f"message/subscribe/{path}", body) == errcode


def test_1_7_prompts_and_changes_are_events(world):
    platform = world()
    platform.prompt(openid=OPENID, template_id="TPL", choice="reject", scene=1)
    platform.prompt(openid=OPENID, template_id="TPL", choice="change")
    popup, change = platform.xml()
    assert "<SubscribeMsgPopupEvent><List><TemplateId><![CDATA[TPL]]></TemplateId>" in popup
    assert "<![CDATA[reject]]></SubscribeStatusString><PopupScene>1</PopupScene>" in popup
    assert "<SubscribeMsgChangeEvent><List><TemplateId><![CDATA[TPL]]></TemplateId>" in change


ONE_TIME = notice(scene="1000", title="a title", url="https://example.test/", data={"content": {"value": "text"}})


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({}, 0),
        ({"scene": "10001"}, 40035),
        ({"title": "x" * 16}, 47003),
        ({"data": {"content": {"value": "x" * 201}}}, 47003),
        ({"touser": ""}, 40003),
    ],
)
def test_4_2_one_time_subscription(world, changes, errcode):
    assert world(subscribe_allowance=1).code("message/template/subscribe", ONE_TIME | changes) == errcode


def test_4_2_one_authorisation_is_one_message(world):
    platform = world(subscribe_allowance=1)
    assert [platform.code("message/template/subscribe", ONE_TIME) for _ in range(2)] == [0, 43101]
