"""Fact sheet §4.9 and §6: quotas by API, told and cleared; rids; the account's network."""

import pytest

OPENID = "oTESTopenid00000000000000001"
DAY = 86_400
CUSTOM = {"touser": OPENID, "msgtype": "text", "text": {"content": "hi"}}


def quota(platform, path):
    return platform.post("openapi/quota/get", {"cgi_path": path})


@pytest.mark.parametrize(
    ("table", "path", "limit"),
    [
        ("service", "/cgi-bin/message/custom/send", 500_000),
        ("test", "/cgi-bin/message/custom/send", 50_000),
        ("service", "/cgi-bin/message/template/send", 100_000),
        ("service", "/cgi-bin/message/mass/send", 100),
        ("service", "/cgi-bin/media/upload", 100_000),
        ("test", "/cgi-bin/media/upload", 500),
        ("service", "/cgi-bin/media/get", 200_000),
        ("service", "/cgi-bin/user/get", 500),
        ("test", "/cgi-bin/user/get", 100),
        ("service", "/cgi-bin/user/info", 5_000_000),
        ("service", "/cgi-bin/qrcode/create", 100_000),
        ("test", "/cgi-bin/qrcode/create", 10_000),
        ("off", "/cgi-bin/message/custom/send", 0),
    ],
)
def test_6_the_table_of_daily_quotas(world, table, path, limit):
    assert quota(world(quota_table=table), path)["quota"]["daily_limit"] == limit


def test_6_each_api_has_its_own_quota(world):
    platform = world(custom_windows="off", quotas={"custom": 2, "user_get": 1})
    assert [platform.code("message/custom/send", CUSTOM) for _ in range(3)] == [0, 0, 45009]
    assert "errcode" not in platform.get("user/get")
    assert platform.get("user/get")["errcode"] == 45009


@pytest.mark.parametrize(("hours", "left"), [(8.0, 12 * 3600), (0.0, 20 * 3600)])
def test_6_when_the_day_turns_is_a_parameter(world, hours, left):
    platform = world(custom_windows="off", quotas={"custom": 1}, day_offset_hours=hours)
    assert platform.code("message/custom/send", CUSTOM) == 0
    platform.now += left - 1
    assert platform.code("message/custom/send", CUSTOM) == 45009
    platform.now += 1
    assert platform.code("message/custom/send", CUSTOM) == 0


def test_6_minutes_are_the_clocks(world):
    platform = world(custom_windows="off", minute_quotas={"custom": 1})
    assert [platform.code("message/custom/send", CUSTOM) for _ in range(2)] == [0, 45011]
    platform.now += 60
    assert platform.code("message/custom/send", CUSTOM) == 0


def test_4_9_quota_get_tells_what_is_used(world):
    platform = world(custom_windows="off", quotas={"custom": 3}, minute_quotas={"custom": 100})
    platform.code("message/custom/send", CUSTOM)
    told = quota(platform, "/cgi-bin/message/custom/send")
    assert told["quota"] == {"daily_limit": 3, "used": 1, "remain": 2}
    assert told["rate_limit"] == {"call_count": 100, "refresh_second": 60}


def test_4_9_wrong_paths(world):
    assert quota(world(), "/cgi-bin/nothing")["errcode"] == 76021
    assert quota(world(), "/cgi-bin/gettoken")["errcode"] == 76022


def test_4_9_clear_quota_is_ten_a_month_for_both_forms_together(world):
    platform = world(custom_windows="off", quotas={"custom": 1})
    facts = platform.options
    for _ in range(5):
        assert platform.code("message/custom/send", CUSTOM) == 0
        assert platform.code("clear_quota", {"appid": facts.app_id}) == 0
        by_secret = {"appid": facts.app_id, "appsecret": facts.app_secret}
        assert platform.ask("POST", "/cgi-bin/clear_quota/v2", **by_secret)["errcode"] == 0  # §7.31: no token
    assert platform.code("clear_quota", {"appid": facts.app_id}) == 48006
    platform.now += 7 * DAY  # May
    assert platform.code("clear_quota", {"appid": facts.app_id}) == 0


def test_4_9_clearing_one_api_is_fifty_a_month(world):
    platform = world(custom_windows="off", quotas={"custom": 1})
    path = {"cgi_path": "/cgi-bin/message/custom/send"}
    for _ in range(50):
        assert platform.code("message/custom/send", CUSTOM) == 0
        assert platform.code("openapi/quota/clear", path) == 0
    assert platform.code("openapi/quota/clear", path) == 48006


def test_4_9_clear_quota_is_for_the_owner(world):
    platform = world()
    assert platform.code("clear_quota", {"appid": "wx9"}) == 40013
    wrong = {"appid": platform.options.app_id, "appsecret": "wrong"}
    assert platform.ask("POST", "/cgi-bin/clear_quota/v2", **wrong)["errcode"] == 40125


def test_4_9_a_rid_explains_one_failed_call_for_seven_days(world):
    platform = world()
    failed = platform.post("message/custom/send", CUSTOM)
    rid = failed["errmsg"].rpartition("rid: ")[2]
    told = platform.post("openapi/rid/get", {"rid": rid})["request"]
    assert told["request_url"] == "/cgi-bin/message/custom/send"
    assert "45015" in told["response_body"]
    assert platform.code("openapi/rid/get", {"rid": "6-7-8"}) == 76001
    assert platform.code("openapi/rid/get", {"rid": "nonsense"}) == 76002
    platform.now += 7 * DAY
    assert platform.code("openapi/rid/get", {"rid": rid}) == 76004


def test_4_9_callback_check(world):
    platform = world(callback_url="http://127.0.0.1:8080/callback/a")
    both = platform.post("callback/check", {"action": "all", "check_operator": "UNICOM"})
    assert both["dns"] == [{"ip": "127.0.0.1", "real_operator": "UNICOM"}]
    assert set(both["ping"][0]) == {"ip", "from_operator", "package_loss", "time"}
    assert set(platform.post("callback/check", {"action": "dns"})) == {"dns"}
    assert platform.code("callback/check", {"action": "dig"}) == 40202
    assert platform.code("callback/check", {"action": "dns", "check_operator": "X"}) == 40203
    assert world().code("callback/check", {"action": "all"}) == 40201


def test_4_9_addresses(world):
    assert set(world().get("getcallbackip")) == {"ip_list"}
    assert set(world().get("get_api_domain_ip")) == {"ip_list"}
