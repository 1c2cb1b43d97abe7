"""Callbacks as the platform sends them, with invented people; and its published vectors."""

from urllib.parse import urlencode

from gateway.callbacks.crypto import MessageCipher
from gateway.callbacks.signature import sign
from queues.account import Account
from queues.secret import Secret

NOW = 1714112446.0
TIMESTAMP = "1714112445"
NONCE = "415670741"
TOKEN = "gwTestToken01"
AES_KEY = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"
APP_ID = "wx0123456789abcdef"
ORIGINAL_ID = "gh_0a1b2c3d4e5f"
OPENID = "oTESTopenid00000000000000001"

TEXT_FIELDS = "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content><MsgId>23588765432109876</MsgId>"

RECEIPT = f"""<xml>
  <ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>
  <FromUserName><![CDATA[{OPENID}]]></FromUserName>
  <CreateTime>1714112600</CreateTime>
  <MsgType><![CDATA[event]]></MsgType>
  <Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>
  <MsgID>3557254367693750277</MsgID>
  <Status><![CDATA[failed:user block]]></Status>
</xml>""".encode()

V3_MESSAGE = (
    f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>"
    f"<FromUserName><![CDATA[{OPENID}]]></FromUserName><CreateTime>1714112445</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 gateway]]></Content>"
    "<MsgId>23588765432109876</MsgId></xml>"
).encode()
V3_ENCRYPT = (
    "NxlNBnBvsVZj9tg5mVdG55VK/T+59xZIf970U3YnwtVVLlQdwvrCrw2n6zUeOaHaQfYfx6kq/JH296v2KKtCWpfLknOcVt20sIioMzwrB79go446"
    "DerdAhDASIMeWe5m+203gaE1b1YKQXmLRlU18GGjFn2nZ3xtqc4BuTrGzrUYggpJKdG7hiHS4olcZrYTQonNYZMXFYzJdzEapqnCLV2zh37L92bx"
    "/O4//Y8XV105u3OtgugyGB77GT97vYVlFsDuxFs55ajH++waDYougm/FbTf92bkjKdrjtojG2qihalqSgLuwmB9S8CfAJI+Qe8OSjcdWyvDASxBt"
    "Y2FSkmcCpoXLfnsHUD6KRxqJ89dWJ+r9Bvh9ZRHAhbQwCdevwnBvbVo9Tu+xg6tKF2giWAD2vE95UDJj21V0f0PhHas="
)
V3_MSG_SIGNATURE = "52ef2d8a175bb9bd4bc82b9f2fb9e7fb6625f723"

V4_MESSAGE = b"abcdefghijklmnopqrstuvwxyz"
V4_ENCRYPT = (
    "NxlNBnBvsVZj9tg5mVdG50ZKaZViBVDB9a7YuXXWxMUCXNq6LtSHuKtD1OqySo9lgRPqU6/dkMXhRrEchoVAA8c2ZDWtaQCtrqXYRc8s3QgPhGwv"
    "XTU4EwMPHC5ETSRd"
)
V4_MSG_SIGNATURE = "9de792b9eb6c1ca00f2b119ba68d93f25cba6389"

PLAIN = Account(name="plain", app_id=APP_ID, token=Secret(TOKEN), original_id=ORIGINAL_ID)
SECURE = Account(name="secure", app_id=APP_ID, token=Secret(TOKEN), aes_key=Secret(AES_KEY), original_id=ORIGINAL_ID)


def message(
    fields: str = TEXT_FIELDS, *, to: str = ORIGINAL_ID, sender: str = OPENID, created: str = TIMESTAMP
) -> bytes:
    """A body with the common fields and these."""
    return (
        f"<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>{created}</CreateTime>{fields}</xml>"
    ).encode()


def event(name: str, fields: str = "", **common: str) -> bytes:
    return message(f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>{fields}", **common)


def query(timestamp: str = TIMESTAMP, nonce: str = NONCE, token: str = TOKEN, **more: str) -> bytes:
    """A signed query."""
    signed = {"signature": sign(token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "openid": OPENID}
    return urlencode(signed | more).encode()


def encrypted(
    body: bytes, *, plain_fields: str = "", nonce: str = NONCE, key: str = AES_KEY, app_id: str = APP_ID
) -> tuple[bytes, bytes]:
    """The query and the body of a callback in secure mode, or with plain fields in compatible mode."""
    text = MessageCipher(key, app_id).encrypt(body)
    outer = f"<xml><ToUserName>{ORIGINAL_ID}</ToUserName>{plain_fields}<Encrypt><![CDATA[{text}]]></Encrypt></xml>"
    signature = sign(TOKEN, TIMESTAMP, nonce, text)
    return query(nonce=nonce, encrypt_type="aes", msg_signature=signature), outer.encode()
