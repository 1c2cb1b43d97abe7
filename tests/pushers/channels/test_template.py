import json

from msgspec.structs import replace

from pushers.channels.template import TEMPLATE
from pushers.outlet import Outlet
from queues.account import Account
from tests.pushers.makers import PUSH_ID, claim


def test_the_body_gets_recipient_and_message_id_and_stays_raw_utf8():
    body = TEMPLATE.body(claim().push)
    assert json.loads(body) == {
        "touser": "oUSER0",
        "client_msg_id": PUSH_ID,
        "template_id": "T",
        "data": {"thing1": {"value": "蓝"}},
    }
    assert "蓝".encode() in body


def test_a_recipient_cannot_break_out_of_its_string():
    push = replace(claim().push, recipient='o","x":"', body=b"{}")
    assert json.loads(TEMPLATE.body(push)) == {"touser": 'o","x":"', "client_msg_id": PUSH_ID}


def test_the_head_is_made_anew_for_a_new_token():
    account = Account(name="city", app_id="wx1", api_base="http://[::1]:8080/proxy/")
    outlet = Outlet(account, None, None, 1)  # type: ignore[arg-type]
    first, again, second = (outlet.head("/cgi-bin/message/template/send", token) for token in ("t1", "t1", "t2"))
    assert first is again
    assert first.startswith(
        b"POST /proxy/cgi-bin/message/template/send?access_token=t1 HTTP/1.1\r\nHost: [::1]:8080\r\n"
    )
    assert b"access_token=t2 " in second
    assert first.endswith(b"\r\nContent-Length: ")
