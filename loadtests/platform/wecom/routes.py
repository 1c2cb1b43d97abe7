"""Every call of the WeCom API that is simulated."""

from loadtests.platform.call import Route
from loadtests.platform.wecom import message_send, other_calls
from loadtests.platform.wecom.account import WecomAccount

WECOM_ROUTES: tuple[Route[WecomAccount], ...] = (*other_calls.ROUTES, *message_send.ROUTES)
