import json

from msgspec.structs import replace

from pushers.channels.template import TEMPLATE
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
