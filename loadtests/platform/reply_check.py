"""Is a callback's answer one that stops the platform from asking again (§1.4)?"""

from xml.parsers import expat

import msgspec

from loadtests.platform.callbacks import Callback
from loadtests.platform.envelope import Envelope

_OK = 200
_LARGEST = 65_536


_ENCRYPTED = {"encrypt": "Encrypt", "msgsignature": "MsgSignature", "timestamp": "TimeStamp", "nonce": "Nonce"}
"""The spelling of an encrypted JSON reply is not verified (§1.2): any case is taken."""


def accepts(status: int, body: bytes, *, callback: Callback, envelope: Envelope, any_status: bool = False) -> bool:
    """Whether the delivery counts as answered.

    Status 200, and a body that is empty, `success` without quotes, or a well-formed reply whose ToUserName and
    FromUserName are those of the callback swapped. In secure mode the reply must be encrypted, in compatible mode it
    may be. A reply to a JSON push may be JSON. That the status counts is not documented for official accounts (§9.17):
    with `any_status` it does not. For WeCom status 200 is all that counts.
    """
    if status != _OK and (envelope.kind == "wecom" or not any_status):
        return False
    if body in {b"", b"success"} or envelope.kind == "wecom":
        return True
    if body.startswith(b"{") and envelope.form != "json":
        return False
    fields = _fields(body)
    if "Encrypt" in fields:
        fields = _fields(envelope.open_reply(fields))
    elif envelope.mode == "secure":
        return False
    return (
        fields.get("ToUserName") == callback.openid
        and fields.get("FromUserName") == envelope.original_id
        and bool(fields.get("MsgType"))
    )


def _fields(body: bytes) -> dict[str, str]:
    """The elements directly under `<xml>` with their text, or JSON's members; empty if the body is neither."""
    if len(body) > _LARGEST:
        return {}
    if body.startswith(b"{"):
        return _members(body)
    fields: dict[str, str] = {}
    path: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        path.append(name)

    def end(_name: str) -> None:
        path.pop()

    def characters(data: str) -> None:
        if len(path) == 2:  # noqa: PLR2004 - <xml> and one element in it
            fields[path[1]] = fields.get(path[1], "") + data

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        return {}
    return fields


def _members(body: bytes) -> dict[str, str]:
    try:
        members = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    return {_ENCRYPTED.get(name.lower(), name): str(value) for name, value in members.items()}
