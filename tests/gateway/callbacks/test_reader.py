"""What a callback becomes in each mode, which repeats are one event, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest

from gateway.callbacks.reader import CallbackReader
from gateway.callbacks.rejection import ForgedCallbackError, RejectedCallbackError, UnreadableCallbackError
from gateway.callbacks.signature import sign
from queues.account import Account
from queues.secret import Secret
from tests.gateway.samples import (
    AES_KEY,
    APP_ID,
    NONCE,
    NOW,
    OPENID,
    ORIGINAL_ID,
    PLAIN,
    RECEIPT,
    SECURE,
    TEXT_FIELDS,
    TIMESTAMP,
    TOKEN,
    V3_ENCRYPT,
    V3_MESSAGE,
    V3_MSG_SIGNATURE,
    encrypted,
    event,
    message,
    query,
)

WECOM = Account(
    name="campus",
    kind="wecom",
    app_id="ww1234567890abcdef",
    token=Secret("wecomTok9"),
    aes_key=Secret("0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"),
)
WECOM_ECHOSTR = "uU+smGio/6dxYvouO7FW61bFb1157iVPPjELw2M4ctwogvsN3Yfwvwg5+2Fg/nshCM97Pl2NUSh2gi+QqTlQsA=="
WECOM_QUERY = {
    "msg_signature": "b737d5b6994c29116c3198cbefe11424a3c24995",
    "timestamp": "1714112500",
    "nonce": "1597212914",
}


def reader(account: Account = PLAIN, freshness_seconds: float = 600) -> CallbackReader:
    return CallbackReader(account, freshness_seconds)


def identity(body: bytes, account: Account = PLAIN) -> bytes:
    return reader(account).read(query(), body, NOW).identity


def refused(
    query: bytes, body: bytes, account: Account = PLAIN, *, kind: type[RejectedCallbackError] = ForgedCallbackError
) -> str:
    with pytest.raises(kind) as rejection:
        reader(account).read(query, body, NOW)
    for secret in (OPENID, TOKEN, AES_KEY, "hello"):
        assert secret not in str(rejection.value)
    return str(rejection.value)


class TestUrlVerification:
    def test_echostr_is_given_back_as_it_is(self):
        asked = query(echostr="4375120948345356249")
        assert reader().answer_verification(asked, NOW) == b"4375120948345356249"

    def test_an_official_account_in_secure_mode_verifies_the_same_way(self):
        assert reader(SECURE).answer_verification(query(echostr="43751"), NOW) == b"43751"

    def test_wecom_decrypts_its_echostr(self):
        asked = urlencode(WECOM_QUERY | {"echostr": WECOM_ECHOSTR}).encode()
        assert reader(WECOM).answer_verification(asked, 1714112501) == b"1616140317555161061"

    def test_wecom_echostr_whose_plus_was_not_escaped(self):
        asked = (urlencode(WECOM_QUERY) + "&echostr=" + WECOM_ECHOSTR).encode()
        assert reader(WECOM).answer_verification(asked, 1714112501) == b"1616140317555161061"

    def test_wecom_with_a_wrong_msg_signature_is_refused(self):
        asked = urlencode(WECOM_QUERY | {"echostr": WECOM_ECHOSTR, "nonce": "1"}).encode()
        with pytest.raises(ForgedCallbackError):
            reader(WECOM).answer_verification(asked, 1714112501)

    @pytest.mark.parametrize("asked", [query(), query(token="other", echostr="1"), query(echostr="")])
    def test_anything_else_is_refused(self, asked):
        with pytest.raises(ForgedCallbackError):
            reader().answer_verification(asked, NOW)

    def test_a_stale_one_is_refused(self):
        with pytest.raises(ForgedCallbackError, match="timestamp"):
            reader().answer_verification(query(echostr="1"), NOW + 3600)


class TestPlaintextMode:
    def test_a_message_becomes_an_event(self):
        read = reader().read(query(), message(), NOW)
        assert msgspec.structs.asdict(read) == {
            "account": "plain",
            "recipient": OPENID,
            "type": "text",
            "name": "",
            "created": 1714112445,
            "key": "",
            "msgid": "23588765432109876",
            "status": "",
            "identity": read.identity,
            "body": message(),
            "received": NOW,
        }
        assert len(read.identity) == 16

    def test_a_receipt_keeps_its_msgid_and_its_exact_status(self):
        read = reader().read(query(), RECEIPT, NOW)
        assert (read.type, read.name, read.msgid) == ("event", "templatesendjobfinish", "3557254367693750277")
        assert read.status == "failed:user block"

    def test_a_json_push_is_the_same_event_but_for_its_body(self):
        fields = {"ToUserName": ORIGINAL_ID, "FromUserName": OPENID, "CreateTime": "1714112600", "MsgType": "event"}
        body = json.dumps(
            fields | {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 3557254367693750277, "Status": "success"}
        )
        read = reader().read(query(encrypt_type="raw"), body.encode(), NOW)
        assert (read.name, read.msgid, read.created) == ("templatesendjobfinish", "3557254367693750277", 1714112600)

    def test_a_service_event_may_have_no_sender(self):
        body = f"<xml><ToUserName>{ORIGINAL_ID}</ToUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>"
        body += "<Event>kf_msg_or_event</Event></xml>"
        assert reader().read(query(), body.encode(), NOW).recipient == ""

    def test_a_wrong_signature_is_refused_before_the_body_is_read(self):
        assert "token" in refused(query(token="other"), b"not even XML")

    def test_a_stale_timestamp_is_refused(self):
        assert "timestamp" in refused(query(timestamp="1714111000"), message())
        assert "timestamp" in refused(query(timestamp="1714113900"), message())

    def test_a_stale_timestamp_is_taken_where_freshness_is_off(self):
        assert reader(freshness_seconds=0).read(query(timestamp="1"), message(), NOW)

    def test_an_account_without_a_token_takes_nothing(self):
        """An empty token would sign as well as any other, and everyone knows it."""
        tokenless = msgspec.structs.replace(PLAIN, token=Secret(""))
        assert "no token" in refused(query(token=""), message(), tokenless)

    def test_encryption_without_an_aes_key_says_what_is_missing(self):
        asked, body = encrypted(message())
        assert "no aes_key" in refused(asked, body)
        assert "no aes_key" in refused(query(), body)

    def test_an_unknown_encrypt_type_is_refused(self):
        assert "encrypt_type" in refused(query(encrypt_type="rot13"), message())

    def test_a_message_to_another_account_is_refused(self):
        assert "original_id" in refused(query(), message(to="gh_other"))

    def test_without_original_id_any_receiver_is_taken(self):
        anyone = msgspec.structs.replace(PLAIN, original_id="")
        assert reader(anyone).read(query(), message(to="gh_other"), NOW)

    @pytest.mark.parametrize(
        "body",
        [
            message("<MsgType></MsgType>"),
            message("<MsgType>event</MsgType>"),
            message(sender=""),
            message(sender="o" * 129),
            message(created="yesterday"),
            message(created=""),
            message(created="1" * 13),
            message("<MsgType>text</MsgType><MsgId>12x</MsgId>"),
            message("<MsgType>text</MsgType><MsgId>" + "1" * 21 + "</MsgId>"),
            event("e" * 129),
            event("VIEW", f"<EventKey>{'k' * 4097}</EventKey>"),
            event("TEMPLATESENDJOBFINISH", f"<MsgID>1</MsgID><Status>{'s' * 257}</Status>"),
        ],
    )
    def test_a_field_that_is_missing_or_beyond_its_bound_is_refused(self, body):
        refused(query(), body, kind=UnreadableCallbackError)


class TestSecureMode:
    def test_v3_is_read(self):
        asked = query(encrypt_type="aes", msg_signature=V3_MSG_SIGNATURE)
        body = f"<xml><ToUserName>{ORIGINAL_ID}</ToUserName><Encrypt>{V3_ENCRYPT}</Encrypt></xml>".encode()
        read = reader(SECURE).read(asked, body, NOW)
        assert (read.recipient, read.msgid, read.body) == (OPENID, "23588765432109876", V3_MESSAGE)

    def test_compatible_mode_reads_what_was_encrypted_not_what_stands_beside_it(self):
        lies = f"<FromUserName>o-someone-else</FromUserName><CreateTime>1</CreateTime>{TEXT_FIELDS}"
        asked, body = encrypted(event("SCAN", "<EventKey>42</EventKey>"), plain_fields=lies)
        read = reader(SECURE).read(asked, body, NOW)
        assert (read.recipient, read.type, read.key) == (OPENID, "event", "42")

    def test_an_encrypted_json_push_is_read(self):
        fields = {"ToUserName": ORIGINAL_ID, "FromUserName": OPENID, "CreateTime": 1, "MsgType": "text", "MsgId": 5}
        asked, body = encrypted(json.dumps(fields).encode())
        text = body.decode().partition("CDATA[")[2].partition("]")[0]
        outer = json.dumps({"ToUserName": ORIGINAL_ID, "Encrypt": text}).encode()
        assert reader(SECURE).read(asked, outer, NOW).msgid == "5"

    @pytest.mark.parametrize("encrypt_type", ["", "raw", "AES"])
    def test_a_downgrade_to_plaintext_is_refused(self, encrypt_type):
        refused(query(encrypt_type=encrypt_type), message(), SECURE)

    def test_a_body_that_only_claims_to_be_encrypted_is_refused(self):
        assert "not encrypted" in refused(query(encrypt_type="aes", msg_signature="0" * 40), message(), SECURE)

    def test_both_signatures_are_needed(self):
        asked, body = encrypted(message())
        good = dict(pair.split("=") for pair in asked.decode().split("&"))
        for name in ("signature", "msg_signature"):
            for value in ("", "0" * 40):
                refused(urlencode(good | {name: value}).encode(), body, SECURE)
            refused(urlencode({key: value for key, value in good.items() if key != name}).encode(), body, SECURE)

    def test_another_ciphertext_under_a_good_query_is_refused(self):
        asked, _ = encrypted(message())
        _, other = encrypted(event("unsubscribe"))
        refused(asked, other, SECURE)

    def test_truncated_ciphertext_is_refused_by_its_signature_first(self):
        asked, body = encrypted(message())
        refused(asked, body.replace(b"]]>", b"")[:-40] + b"]]></Encrypt></xml>", SECURE)

    @pytest.mark.parametrize(("key", "app_id"), [("a" * 43, APP_ID), (AES_KEY, "wx-another")])
    def test_a_well_signed_message_for_another_key_or_app_is_unreadable(self, key, app_id):
        asked, body = encrypted(message(), key=key, app_id=app_id)
        refused(asked, body, SECURE, kind=UnreadableCallbackError)

    def test_a_document_type_within_the_encryption_is_refused(self):
        asked, body = encrypted(b"<!DOCTYPE x><xml/>")
        refused(asked, body, SECURE, kind=UnreadableCallbackError)

    def test_a_message_to_another_account_is_refused(self):
        asked, body = encrypted(message(to="gh_other"))
        assert "original_id" in refused(asked, body, SECURE)

    def test_a_key_that_is_none_names_the_account(self):
        with pytest.raises(ValueError, match="account secure: aes_key"):
            reader(msgspec.structs.replace(SECURE, aes_key=Secret("short")))


class TestWecom:
    def post(self, body: bytes) -> tuple[bytes, bytes]:
        _, outer = encrypted(body, key=WECOM.aes_key.reveal(), app_id=WECOM.app_id)
        text = outer.decode().partition("CDATA[")[2].partition("]")[0]
        signature = sign("wecomTok9", TIMESTAMP, NONCE, text)
        return urlencode({"msg_signature": signature, "timestamp": TIMESTAMP, "nonce": NONCE}).encode(), outer

    def test_a_message_is_read_with_msg_signature_alone(self):
        asked, body = self.post(message(to=WECOM.app_id, sender="zhangsan"))
        assert reader(WECOM).read(asked, body, NOW).recipient == "zhangsan"

    def test_a_plain_body_is_refused(self):
        asked, _ = self.post(message())
        refused(asked, message(), WECOM)

    def test_without_an_aes_key_everything_is_refused(self):
        asked, body = self.post(message())
        keyless = msgspec.structs.replace(WECOM, aes_key=Secret(""))
        assert "no aes_key" in refused(asked, body, keyless)
        with pytest.raises(ForgedCallbackError, match="no aes_key"):
            reader(keyless).answer_verification(asked + b"&echostr=x", NOW)


POPUP = (
    "<SubscribeMsgPopupEvent><List><TemplateId>{}</TemplateId>"
    "<SubscribeStatusString>{}</SubscribeStatusString></List></SubscribeMsgPopupEvent>"
)


class TestIdentity:
    def test_a_repeat_with_another_query_is_the_same(self):
        first = reader().read(query(), RECEIPT, NOW)
        again = reader().read(query(timestamp="1714112450", nonce="987"), RECEIPT, NOW + 5)
        assert first.identity == again.identity

    def test_a_repeat_with_another_salt_is_the_same(self):
        body = event("LOCATION", "<Latitude>23.1</Latitude>")
        one, other = encrypted(body, nonce="1"), encrypted(body, nonce="2")
        assert one[1] != other[1]
        assert reader(SECURE).read(*one, NOW).identity == reader(SECURE).read(*other, NOW).identity

    def test_a_message_is_known_by_its_msgid(self):
        shown_otherwise = message("<MsgType>text</MsgType>\n<MsgId>23588765432109876</MsgId>")
        assert identity(message()) == identity(shown_otherwise)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            pytest.param(message(), message(TEXT_FIELDS.replace("109876", "109877")), id="two messages"),
            pytest.param(event("CLICK", "<EventKey>a</EventKey>"), event("CLICK", "<EventKey>b</EventKey>"), id="keys"),
            pytest.param(event("subscribe"), event("unsubscribe"), id="events"),
            pytest.param(event("subscribe"), event("subscribe", created="1714112446"), id="seconds"),
            pytest.param(event("subscribe"), event("subscribe", sender="o2"), id="people"),
            pytest.param(
                event("LOCATION", "<Latitude>1</Latitude>"), event("LOCATION", "<Latitude>2</Latitude>"), id="places"
            ),
            pytest.param(
                event("SCAN", "<EventKey>42</EventKey><Ticket>a</Ticket>"),
                event("SCAN", "<EventKey>42</EventKey><Ticket>b</Ticket>"),
                id="tickets",
            ),
            pytest.param(
                event("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>success</Status>"),
                event("TEMPLATESENDJOBFINISH", "<MsgID>2</MsgID><Status>success</Status>"),
                id="receipts",
            ),
            pytest.param(
                event("subscribe_msg_popup_event", POPUP.format("T", "accept")),
                event("subscribe_msg_popup_event", POPUP.format("U", "accept")),
                id="templates",
            ),
            pytest.param(
                event("subscribe_msg_change_event", POPUP.format("T", "accept")),
                event("subscribe_msg_change_event", POPUP.format("T", "reject")),
                id="statuses",
            ),
            pytest.param(
                event("change_contact", "<ChangeType>create_user</ChangeType>", sender="sys"),
                event("change_contact", "<ChangeType>update_user</ChangeType>", sender="sys"),
                id="contact changes",
            ),
            pytest.param(
                event("CLICK", "<EventKey>ab</EventKey>", sender="o1"),
                event("CLICK", "<EventKey>b</EventKey>", sender="o1a"),
                id="letters that move from one field to the next",
            ),
        ],
    )
    def test_two_true_callbacks_of_one_second_both_live(self, one, other):
        assert identity(one) != identity(other)
        assert identity(one) == identity(one)

    def test_two_accounts_do_not_share_identities(self):
        other = msgspec.structs.replace(PLAIN, name="other")
        assert identity(message()) != identity(message(), other)
        assert identity(RECEIPT) != identity(RECEIPT, other)


@pytest.mark.e2e
def test_plaintext_mode_does_without_the_memory_of_a_cipher() -> None:
    program = (
        "import sys\n"
        "import gateway.server\n"  # whatever else a gateway loads
        "from gateway.callbacks.reader import CallbackReader\n"
        "from queues.account import Account\n"
        "from queues.secret import Secret\n"
        "CallbackReader(Account(name='demo', app_id='wx1', token=Secret('token')), 600)\n"
        "print('cryptography.hazmat.bindings._rust' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
