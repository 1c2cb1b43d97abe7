"""Fact sheet §4.7 and §4.8: followers, and QR codes with a scene."""

import pytest

from loadtests.platform.official.followers import openid_of


def test_4_7_pages_of_ten_thousand_with_the_last_openid_as_the_cursor(world):
    platform = world(followers=23_000)
    cursor, counts = "", []
    while True:
        page = platform.get("user/get", next_openid=cursor)
        counts.append(page["count"])
        if not page["count"]:
            break
        assert page["next_openid"] == page["data"]["openid"][-1]
        cursor = page["next_openid"]
    assert counts == [10_000, 10_000, 3_000, 0]
    assert page == {"total": 23_000, "count": 0, "next_openid": ""}


def test_9_9_the_empty_page_may_have_empty_data(world):
    assert world(user_get_end="empty_data").get("user/get")["data"] == {"openid": []}


def test_4_7_who_leaves_is_gone_and_who_comes_is_last(world):
    platform = world(followers=3)
    platform.fire(openid=openid_of(1), event="unsubscribe")
    platform.fire(openid="oNewcomer", event="subscribe")
    assert platform.get("user/get")["data"]["openid"] == [openid_of(0), openid_of(2), "oNewcomer"]


def test_4_7_a_cursor_nobody_has_is_refused(world):
    assert world().get("user/get", next_openid="oNobody")["errcode"] == 40003


def test_4_7_info_of_who_does_not_follow_has_nothing_else(world):
    platform = world()
    platform.fire(openid="oSomebody", event="unsubscribe")
    assert platform.get("user/info", openid="oSomebody") == {"subscribe": 0, "openid": "oSomebody"}
    info = platform.get("user/info", openid="oAnother", lang="en")
    assert (info["subscribe"], info["openid"], info["language"], info["nickname"]) == (1, "oAnother", "en", "")
    assert "errcode" not in info  # §7.18


def test_4_7_batchget_takes_a_hundred(world):
    platform = world()
    people = [{"openid": openid_of(number)} for number in range(101)]
    answer = platform.post("user/info/batchget", {"user_list": people[:100]})
    assert len(answer["user_info_list"]) == 100
    assert platform.code("user/info/batchget", {"user_list": people}) == 40032


def scene(action, seconds=60, **scene):
    return {"action_name": action, "expire_seconds": seconds, "action_info": {"scene": scene}}


def test_4_8_a_temporary_code_expires(world):
    platform = world()
    made = platform.post("qrcode/create", scene("QR_STR_SCENE", 604_800, scene_str="campaign42"))
    assert made["expire_seconds"] == 604_800
    assert made["url"].startswith("http://weixin.qq.com/q/")
    ticket = made["ticket"]

    def status():
        return platform.reply("GET", "/cgi-bin/showqrcode", ticket=ticket).status

    assert status() == 200
    platform.now += 604_800
    assert status() == 404


def test_4_8_a_permanent_code_does_not(world):
    made = world().post("qrcode/create", scene("QR_LIMIT_SCENE", scene_id=1))
    assert "expire_seconds" not in made


@pytest.mark.parametrize(
    "asked",
    [
        scene("QR_SCENE", 2_592_001, scene_id=1),
        scene("QR_SCENE"),
        scene("QR_LIMIT_SCENE", scene_id=100_001),
        scene("QR_LIMIT_STR_SCENE", scene_str=""),
        scene("QR_LIMIT_STR_SCENE", scene_str="x" * 65),
    ],
)
def test_4_8_out_of_range(world, asked):
    assert world().code("qrcode/create", asked) == 40035


def test_4_8_an_unknown_ticket_is_404(world):
    assert world().reply("GET", "/cgi-bin/showqrcode", ticket="x").status == 404
