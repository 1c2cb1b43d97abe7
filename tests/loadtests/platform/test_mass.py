"""Fact sheet §4.5 and §1.7: mass messages."""

import pytest

from loadtests.platform.official.followers import openid_of

DAY = 86_400
PEOPLE = [openid_of(number) for number in range(5)]


def to_list(content="hi", **changes):
    return {"touser": PEOPLE, "msgtype": "text", "text": {"content": content}} | changes


def to_all(content="hi", **changes):
    return {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": content}} | changes


def test_4_5_a_submission_now_and_the_result_as_an_event(world):
    platform = world()
    answer = platform.post("message/mass/send", to_list())
    assert answer == {"errcode": 0, "errmsg": "send job submission success", "msg_id": answer["msg_id"]}
    [(_, finished)] = platform.called
    assert (finished.name, finished.msgid, finished.status) == (
        "MASSSENDJOBFINISH",
        str(answer["msg_id"]),
        "send success",
    )
    assert finished.openid not in PEOPLE  # §1.7: the account's own helper
    counts = "<TotalCount>5</TotalCount><FilterCount>5</FilterCount><SentCount>5</SentCount><ErrorCount>0</ErrorCount>"
    assert counts in platform.xml()[0]


def test_4_5_articles_have_a_msg_data_id(world):
    articles = {"touser": PEOPLE, "msgtype": "mpnews", "mpnews": {"media_id": "m"}}
    assert "msg_data_id" in world().post("message/mass/send", articles)


def test_4_5_each_follower_gets_four_a_month_and_the_rest_is_filtered_silently(world):
    platform = world()
    codes = [platform.code("message/mass/send", to_list(f"no. {turn}")) for turn in range(5)]
    assert codes == [0] * 5
    assert ["<FilterCount>0<" in xml for xml in platform.xml()] == [False] * 4 + [True]
    platform.now += 7 * DAY  # May
    platform.post("message/mass/send", to_list("next month"))
    assert "<FilterCount>5<" in platform.xml()[-1]


def test_4_5_who_does_not_follow_is_filtered(world):
    platform = world()
    platform.fire(openid=PEOPLE[0], event="unsubscribe")
    platform.post("message/mass/send", to_list())
    assert "<TotalCount>5</TotalCount><FilterCount>4</FilterCount>" in platform.xml()[-1]


def test_4_5_the_same_clientmsgid_within_a_day_is_45065_with_the_first_msg_id(world):
    platform = world()
    first = platform.post("message/mass/send", to_list(clientmsgid="c1"))
    again = platform.post("message/mass/send", to_list("other text", clientmsgid="c1"))
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    platform.now += DAY
    assert platform.code("message/mass/send", to_list(clientmsgid="c1")) == 0


def test_4_5_trying_it_again_within_a_minute_is_45066(world):
    platform = world()
    codes = []
    for pause in (0, 1, 1, 61):
        platform.now += pause
        codes.append(platform.code("message/mass/send", to_list(clientmsgid="c1")))
    assert codes == [0, 45065, 45066, 45065]


def test_4_5_without_one_the_content_and_its_range_are_compared(world):
    platform = world()
    codes = [platform.code("message/mass/send", to_list(text)) for text in ("a", "a", "b")]
    assert codes == [0, 45065, 0]


def test_4_5_and_7_13_how_long_a_clientmsgid_may_be_is_a_parameter(world):
    assert world().code("message/mass/send", to_list(clientmsgid="c" * 65)) == 45067
    assert world(clientmsgid_bytes=32).code("message/mass/send", to_list(clientmsgid="c" * 36)) == 45067


def test_4_5_to_all_is_once_a_day_and_reaches_the_followers(world):
    platform = world(followers=30)
    assert [platform.code("message/mass/sendall", to_all(each)) for each in "ab"] == [0, 45028]
    assert "<TotalCount>30</TotalCount><FilterCount>30</FilterCount>" in platform.xml()[0]
    platform.now += DAY
    assert platform.code("message/mass/sendall", to_all("c")) == 0


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("send", to_list(touser=PEOPLE[:1]), 40130),
        ("send", to_list(touser=["x", "y"]), 40031),
        ("send", to_list(touser=[openid_of(number) for number in range(10_001)]), 40032),
        ("send", to_list(msgtype="song"), 40008),
        ("send", to_list(""), 44004),
        ("send", to_list(msgtype="image", images={"media_ids": ["never-uploaded"]}), 40007),
        ("send", to_list(msgtype="image", image={"media_id": "never-uploaded"}), 40007),
        ("sendall", to_all(filter={}), 40035),
        ("sendall", to_all(filter={"is_to_all": False}), 45159),
        ("preview", to_list(touser=PEOPLE[0]), 0),
        ("preview", to_list(touser=None, towxname="somebody"), 0),
        ("preview", to_list(touser=None, towxname=""), 40132),
    ],
)
def test_4_5_forms(world, path, body, errcode):
    assert world().code(f"message/mass/{path}", body) == errcode


def test_4_5_get_tells_how_far_a_job_is(world):
    platform = world(receipt_delay=10)
    msg_id = platform.post("message/mass/send", to_list())["msg_id"]

    def status():
        return platform.post("message/mass/get", {"msg_id": msg_id})["msg_status"]

    assert status() == "SENDING"
    platform.now += 10
    assert status() == "SEND_SUCCESS"
    assert platform.code("message/mass/get", {"msg_id": 7}) == 40059


def test_1_7_a_job_may_fail_with_the_platforms_words(world):
    platform = world(mass_status="err(10001)", receipt_delay=0)
    msg_id = platform.post("message/mass/send", to_list())["msg_id"]
    assert platform.called[0][1].status == "err(10001)"
    assert platform.post("message/mass/get", {"msg_id": msg_id})["msg_status"] == "SEND_FAIL"


def test_4_5_only_articles_and_videos_that_were_sent_can_be_deleted(world):
    platform = world(receipt_delay=10)
    text = platform.post("message/mass/send", to_list())["msg_id"]
    news = platform.post("message/mass/send", to_list(msgtype="mpnews", mpnews={"media_id": "m"}))["msg_id"]
    assert platform.code("message/mass/delete", {"msg_id": news}) == 40059
    platform.now += 10
    assert [platform.code("message/mass/delete", {"msg_id": each}) for each in (text, news)] == [40059, 0]
    assert platform.post("message/mass/get", {"msg_id": news})["msg_status"] == "DELETE"


def test_4_5_speed(world):
    platform = world()
    assert platform.code("message/mass/speed/set", {"speed": 4}) == 0
    assert platform.post("message/mass/speed/get", {}) == {"errcode": 0, "speed": 4, "realspeed": 10}
    assert platform.code("message/mass/speed/set", {"speed": 5}) == 45083
    assert platform.code("message/mass/speed/set", {}) == 45084
