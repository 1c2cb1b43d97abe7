"""Fact sheet §4.4: customer-service messages."""

import pytest

OPENID = "oTESTopenid00000000000000001"
HOUR = 3600


def text(content="hi", **changes):
    return {"touser": OPENID, "msgtype": "text", "text": {"content": content}} | changes


def sends(world, count):
    return [world.code("message/custom/send", text()) for _ in range(count)]


def test_4_4_nobody_is_written_to_who_did_nothing(world):
    assert sends(world(), 1) == [45015]


def test_4_4_a_message_opens_48_hours_and_five_messages(world):
    platform = world()
    platform.fire(openid=OPENID, text="hello")
    assert sends(platform, 6) == [0, 0, 0, 0, 0, 45047]
    platform.fire(openid=OPENID, text="again")
    platform.now += 48 * HOUR - 1
    assert sends(platform, 1) == [0]
    platform.now += 1
    assert sends(platform, 1) == [45015]


def test_9_11_older_documents_allow_twenty(world):
    platform = world(custom_messages=20)
    platform.fire(openid=OPENID, text="hello")
    assert sends(platform, 21) == [0] * 20 + [45047]


@pytest.mark.parametrize("event", ["CLICK", "scancode_push", "subscribe", "SCAN"])
def test_4_4_a_click_a_follow_and_a_scan_open_one_minute_and_three_messages(world, event):
    platform = world()
    platform.fire(openid=OPENID, event=event)
    assert sends(platform, 4) == [0, 0, 0, 45047]
    platform.fire(openid=OPENID, event=event)
    platform.now += 60
    assert sends(platform, 1) == [45015]


def test_4_4_a_new_trigger_resets(world):
    platform = world()
    platform.fire(openid=OPENID, event="CLICK")
    assert sends(platform, 3) == [0, 0, 0]
    platform.fire(openid=OPENID, event="CLICK")
    assert sends(platform, 3) == [0, 0, 0]


def test_9_11_a_payment_opens_48_hours_only_where_that_is_switched_on(world):
    platform = world()
    platform.interact(openid=OPENID, trigger="payment")
    assert sends(platform, 1) == [45015]
    platform = world(payment_window="on")
    platform.interact(openid=OPENID, trigger="payment")
    assert set(sends(platform, 30)) == {0}


def test_4_4_who_unsubscribed_is_not_written_to(world):
    platform = world()
    platform.fire(openid=OPENID, text="hello")
    platform.fire(openid=OPENID, event="unsubscribe")
    assert sends(platform, 1) == [45015]


def test_the_windows_can_be_switched_off_for_load_tests(world):
    assert set(sends(world(custom_windows="off"), 50)) == {0}


def test_4_4_the_answer_has_no_msgid_and_no_event_follows(world):
    platform = world(custom_windows="off")
    assert platform.post("message/custom/send", text()) == {"errcode": 0, "errmsg": "ok"}
    assert platform.called == []
    assert [(row.channel, row.openid) for row in platform.rows()] == [("custom", OPENID)]


@pytest.mark.parametrize(
    ("message", "errcode"),
    [
        (text(touser="nobody"), 40003),
        (text(msgtype="song"), 40008),
        (text(content=""), 44004),
        (text(msgtype="news", news={"articles": [{"title": "a"}, {"title": "b"}]}), 45008),
        (text(msgtype="news", news={"articles": []}), 44003),
        (text(msgtype="image", image={"media_id": "never-uploaded"}), 40007),
        (text(msgtype="image", image={}), 41006),
        (text(msgtype="msgmenu", msgmenu={"list": [{"id": "1", "content": "a"}]}), 0),
        (text(msgtype="miniprogrampage", miniprogrampage={"title": "a"}), 40035),
    ],
)
def test_4_4_forms(world, message, errcode):
    assert world(custom_windows="off").code("message/custom/send", message) == errcode


def test_4_4_typing_needs_a_message_within_thirty_seconds(world):
    platform = world()

    def typing(command="Typing"):
        return platform.code("message/custom/typing", {"touser": OPENID, "command": command})

    assert typing() == 45080
    platform.fire(openid=OPENID, text="hello")
    assert [typing(), typing(), typing("CancelTyping"), typing()] == [0, 45081, 0, 0]
    assert typing("Yawning") == 45072
    platform.now += 31
    assert typing() == 45080
