"""The three ways to write a batch of pushes, each taken apart without a copy.

How it works: `split` finds where each item begins and ends and gives views of the request's own bytes, `decode` reads
one of them straight into the type that validates it. So the request is held once, whatever it is written in, and an
item that is wrong does not spoil the others.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from gateway.http.problem import ProblemError
from gateway.operation import reference
from gateway.pushes.item import PushItem
from gateway.pushes.weigher import ItemParts

MAX_PUSHES = 10_000
_TOO_MANY = f"of length <= {MAX_PUSHES}"  # as msgspec says it
_LEAST_PUSH_BYTES = 8  # with its comma; what every push must have takes several times that

Item = Raw | memoryview
"""One push as it was written: a view of the request."""


class PushBatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A request in JSON or msgpack; its items are checked one by one, and a wrong one does not spoil the others."""

    pushes: Annotated[list[Annotated[Raw, Meta(extra_json_schema=reference(PushItem))]], Meta(max_length=MAX_PUSHES)]


class PushFormat(Struct, frozen=True):
    """A way to write pushes, by its media type; `broken` is what is said of an item that is not even that.

    `split` raises ProblemError, the others what msgspec raises. `parts` finds those of an item, unread; `outline` reads
    an item whatever it holds, for a second look at one that failed.
    """

    media_type: str
    broken: str
    split: Callable[[bytes], Sequence[Item]]
    parts: Callable[[Item], ItemParts]
    decode: Callable[[Item], PushItem]
    outline: Callable[[Item], object]


_LINE = re.compile(rb"\S[^\n]*+")
_JSON_SHAPE = '{"pushes": [...]} in JSON'
# Half of a surrogate pair, as JSON escapes it, behind an even number of backslashes.
_HALF = re.compile(
    rb"(?<!\\)((?:\\\\)*+)(?:\\u[dD][89abAB]\w\w(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]\w\w)\\u[dD][c-fC-F]\w\w)"
)
_MOST_MARKED_BYTES = 1_048_576  # looked through for such halves, in a tenth of a second; more than most batches have
_json_outline = msgspec.json.Decoder(PushBatch).decode
_json_item = msgspec.json.Decoder(PushItem).decode
_json_parts = msgspec.json.Decoder(ItemParts).decode
_msgpack_outline = msgspec.msgpack.Decoder(PushBatch).decode
_msgpack_item = msgspec.msgpack.Decoder(PushItem).decode
_msgpack_parts = msgspec.msgpack.Decoder(ItemParts).decode


def format_of(headers: Mapping[bytes, bytes]) -> PushFormat:
    """What a request is written in, by its header.

    Raises:
        ProblemError: it is anything else, or compressed.
    """
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if media_type not in FORMATS or encoding != b"identity":
        known = b", ".join(FORMATS)
        detail = f"send {known.decode()}; not compressed"
        raise ProblemError(415, "Unsupported media type", detail, ((b"Accept-Post", known),))
    return FORMATS[media_type]


def _split_json(body: bytes) -> Sequence[Item]:
    """All items are found before they are counted, and each takes a hundred bytes: so their commas are counted first.

    msgpack says itself how many they are.
    """
    if body.count(b",") > max(MAX_PUSHES, len(body) // _LEAST_PUSH_BYTES):
        raise _too_many()
    try:
        return _items(_json_outline, body, _JSON_SHAPE)
    except ProblemError:
        # msgspec refuses half of a character wherever it is, and so a batch for one text that was cut off. As a byte
        # that UTF-8 has not, it is found where its own push is read, like any other.
        marked, halves = body, 0
        if b"\\u" in body and len(body) <= _MOST_MARKED_BYTES:
            marked, halves = _HALF.subn(b"\\1\xff", body, MAX_PUSHES)
        if not halves:
            raise
        return _items(_json_outline, marked, _JSON_SHAPE)


def _split_msgpack(body: bytes) -> Sequence[Item]:
    return _items(_msgpack_outline, body, 'a map with an array "pushes" in msgpack')


def _items(outline: Callable[[bytes], PushBatch], body: bytes, shape: str) -> Sequence[Item]:
    try:
        return outline(body).pushes
    except RecursionError as error:
        raise ProblemError(400, "Not a batch of pushes", "nested too deep") from error
    except ValueError as error:  # msgspec's own errors, and bytes that are not UTF-8
        if _TOO_MANY in str(error):
            raise _too_many() from error
        raise ProblemError(400, "Not a batch of pushes", f"{error}; the body is {shape}") from error


def _split_lines(body: bytes) -> Sequence[Item]:
    """Each line is an item, whatever it says; blank lines are none.

    One line too many ends it: a body of empty items has millions, and each view is a hundred times what it shows.
    """
    whole = memoryview(body)
    found = islice(_LINE.finditer(body), MAX_PUSHES + 1)
    items = [whole[line.start() : line.end()] for line in found]
    if len(items) > MAX_PUSHES:
        raise _too_many()
    return items


def _too_many() -> ProblemError:
    return ProblemError(413, "Too many pushes", f"more than {MAX_PUSHES} in one request: split it")


def _decode_msgpack(raw: Item) -> PushItem:
    item = _msgpack_item(raw)
    if not (item.message or item.fallback):
        return item
    try:  # what goes to the platform as it is goes there as JSON
        return _json_item(msgspec.json.encode(msgspec.msgpack.decode(raw)))
    except TypeError as error:
        raise ValueError("holds an extension type, which JSON has not") from error


_JSON_BROKEN = "not valid JSON in UTF-8"
FORMATS: Mapping[bytes, PushFormat] = {
    each.media_type.encode(): each
    for each in (
        PushFormat("application/json", _JSON_BROKEN, _split_json, _json_parts, _json_item, msgspec.json.decode),
        PushFormat("application/x-ndjson", _JSON_BROKEN, _split_lines, _json_parts, _json_item, msgspec.json.decode),
        PushFormat(
            "application/msgpack",
            "not valid msgpack",
            _split_msgpack,
            _msgpack_parts,
            _decode_msgpack,
            msgspec.msgpack.decode,
        ),
    )
}
JSON = FORMATS[b"application/json"]
