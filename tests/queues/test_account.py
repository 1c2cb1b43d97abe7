import pytest

from queues.account import Account, Webhook
from queues.secret import Secret

CHANNEL_KINDS = ("official", "wecom", "webhook")


@pytest.mark.parametrize("base", ["http://proxy/wechat", "http://proxy/wechat/"])
def test_requests_go_below_the_base_that_is_set(base):
    account = Account(name="city", app_id="wx1", api_base=base)
    assert account.url("/cgi-bin/token") == "http://proxy/wechat/cgi-bin/token"


@pytest.mark.parametrize(
    ("kind", "base"), [("official", "https://api.weixin.qq.com"), ("wecom", "https://qyapi.weixin.qq.com")]
)
def test_without_a_base_they_go_to_the_platform_itself(kind, base):
    assert Account(name="city", kind=kind, app_id="wx1").url("/x") == f"{base}/x"


def test_channels_come_with_the_kind_of_an_account_and_with_its_webhook():
    account = Account(name="city", app_id="wx1")
    assert [kind for kind in CHANNEL_KINDS if account.offers(kind)] == ["official"]
    account = Account(name="city", kind="wecom", app_id="ww1", webhook=Webhook("https://sms.test", Secret("x")))
    assert [kind for kind in CHANNEL_KINDS if account.offers(kind)] == ["wecom", "webhook"]
