"""What a request looks like on the wire, by whom it goes to."""

import h11

from pushers.destination import PlatformDestination, WebhookDestination
from queues.account import Webhook
from queues.secret import Secret
from tests.pushers.makers import PUSH_ID, claim
from tests.pushers.webhooks.receiver import SECRET, verify
from tests.queues.makers import NOW

PUSH = claim().push


def received(request):
    """The request as a server reads it: its line, its headers, its body."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(request)
    head, body, end = server.next_event(), server.next_event(), server.next_event()
    assert isinstance(end, h11.EndOfMessage)
    assert server.trailing_data == (b"", False)
    return head.target, {name.decode(): value.decode() for name, value in head.headers}, bytes(body.data)


def test_the_platform_is_asked_under_its_base_with_the_token_of_the_moment():
    platform = PlatformDestination("http://[::1]:8080/proxy/")
    assert platform.needs_token
    for token in ("t1", "t1", "t2"):
        target, headers, body = received(platform.request("/cgi-bin/message/template/send", token, PUSH, b"{}"))
        assert target == b"/proxy/cgi-bin/message/template/send?access_token=%b" % token.encode()
        assert (headers["host"], body) == ("[::1]:8080", b"{}")


def test_a_receiver_is_asked_at_its_very_address_and_can_verify_what_it_gets():
    webhook = Webhook("https://sms.test/take/it%20/?of=city", Secret(SECRET))
    receiver = WebhookDestination(webhook, lambda: NOW)
    assert (receiver.needs_token, receiver.origin.port) == (False, 443)
    target, headers, body = received(receiver.request("", "t1", PUSH, '{"a":"蓝"}'.encode()))
    assert target == b"/take/it%20/?of=city"
    assert (headers["host"], body.decode()) == ("sms.test", '{"a":"蓝"}')
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (PUSH_ID, str(int(NOW)))
    verify(headers, body)


def test_no_access_token_reaches_a_receiver():
    receiver = WebhookDestination(Webhook("http://sms.test", Secret(SECRET)))
    assert b"secret-token" not in receiver.request("", "secret-token", PUSH, b"{}")
