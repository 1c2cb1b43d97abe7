"""The few fields the gateway needs out of a callback's body, in XML or in JSON.

How it works: a flat document, as nearly all are, is read by `flat_xml`. For any other, expat calls back at each
element; the text of a wanted element directly under the root is kept, and everything else is only walked over, within
bounds. A document type is refused where it begins, so no entity is ever declared, expanded or fetched. ElementTree's C
tree is as fast as these handlers, but ignores a document type rather than refusing it.
"""

import json
from typing import Any
from xml.parsers import expat

from msgspec import Struct

from gateway.callbacks.flat_xml import read_flat
from gateway.callbacks.rejection import UnreadableCallbackError

_WANTED = {
    "ToUserName": "account_id",
    "FromUserName": "sender",
    "CreateTime": "created",
    "MsgType": "type",
    "Event": "event",
    "EventKey": "key",
    "MsgId": "message_id",
    "MsgID": "job_id",
    "Status": "status",
    "Encrypt": "encrypt",
}
_MAX_DEPTH = 16  # the platform's deepest, MASSSENDJOBFINISH, has 5
_MAX_ELEMENTS = 2000  # its largest, a card with every option chosen, has some hundreds


class CallbackFields(Struct, frozen=True, kw_only=True):
    """The top level of a body as text; empty where the platform sent nothing.

    `message_id` is `MsgId` (messages) and `job_id` is `MsgID` (receipts): the platform spells them apart.
    """

    account_id: str = ""
    sender: str = ""
    created: str = ""
    type: str = ""
    event: str = ""
    key: str = ""
    message_id: str = ""
    job_id: str = ""
    status: str = ""
    encrypt: str = ""


def parse_body(body: bytes) -> CallbackFields:
    """Read a body, which is JSON where it opens with a brace (消息数据格式 in the console) and XML otherwise.

    Raises:
        UnreadableCallbackError: it is neither, is not UTF-8, has a DTD, repeats a field, or is nested
            beyond reason.
    """
    if not body.startswith(b"<") and body.lstrip().startswith(b"{"):
        return _parse_json(body)
    fields = read_flat(body, _WANTED, _MAX_ELEMENTS)
    return parse_xml(body) if fields is None else CallbackFields(**fields)


def parse_xml(body: bytes) -> CallbackFields:
    """Read XML of any form with expat; raises what `parse_body` does."""
    if b"\0" in body:  # UTF-16, which expat takes by its byte order mark, whatever encoding it is told
        raise UnreadableCallbackError("the XML is malformed: it is not UTF-8")
    fields: dict[str, str] = {}
    text: list[str] = []
    depth = elements = 0

    def open_element(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > _MAX_DEPTH or elements > _MAX_ELEMENTS:
            raise UnreadableCallbackError("the XML is nested too deep or has too many elements")
        text.clear()

    def close_element(name: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 1 and (field := _WANTED.get(name)):
            if field in fields:
                raise UnreadableCallbackError(f"the XML repeats {name}")
            fields[field] = "".join(text)

    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _check_declaration
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise UnreadableCallbackError(f"the XML is malformed at line {error.lineno}") from error
    return CallbackFields(**fields)


def _refuse_doctype(_name: str, _system_id: str | None, _public_id: str | None, _has_subset: int) -> None:
    raise UnreadableCallbackError("the XML has a document type, which the platform never sends")


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ("utf-8", "utf8"):
        raise UnreadableCallbackError("the XML is declared in another encoding than UTF-8")


def _parse_json(body: bytes) -> CallbackFields:
    """Read the JSON form. Numbers keep their digits as text, since a MsgId exceeds 2^53 and some come as strings.

    Control characters within strings are let through: nicknames have them, unescaped.
    """
    try:
        found = json.loads(
            body.decode(),
            strict=False,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_names,
        )
        fields = {field: found[name] for name, field in _WANTED.items() if found.get(name) is not None}
        "".join(fields.values()).encode()  # a lone surrogate, which JSON can escape and UTF-8 cannot say, or no text
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableCallbackError("the JSON is malformed, or a field of it is not text") from error
    return CallbackFields(**fields)


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is repeated")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
