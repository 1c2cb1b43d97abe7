"""Template messages: what `template/send` accepts and how it refuses the rest (§4.1)."""

import re
from collections.abc import Collection
from typing import NoReturn

import msgspec
from msgspec import Struct

from loadtests.platform.call import has_escapes
from loadtests.platform.field_rules import fault_in
from loadtests.platform.refusal import RefusedError

REPEAT_SECONDS = 600.0
"""How long the same client_msg_id for the same openid is sent only once."""

_OPENID = re.compile(r"o[0-9A-Za-z_-]{5,63}")


class Field(Struct, frozen=True, gc=False):
    """One value of `data`; colours are still accepted, and shown nowhere since 2023."""

    value: str
    color: str | None = None


class TemplateMessage(Struct, frozen=True):
    """The body of a send. Names are the platform's; others are ignored, as it ignores them."""

    touser: str = ""
    template_id: str = ""
    url: str | None = None
    miniprogram: dict[str, str] | None = None
    client_msg_id: str | int | None = None
    data: dict[str, Field] | None = None


def is_openid(text: object) -> bool:
    """Whether it has the shape of an openid (§0); which characters one may have is not documented."""
    return isinstance(text, str) and _OPENID.fullmatch(text) is not None


_decoder = msgspec.json.Decoder(TemplateMessage)
_LOOSE = (("touser", str, 40003, ""), ("template_id", str, 40037, ""), ("data", dict, 47003, "data invalid"))


def read_message(body: bytes, templates: Collection[str] = ()) -> TemplateMessage:
    """The message, unless it is refused; `templates` are those that exist, and empty means any does."""
    if not body:
        raise RefusedError(44002)
    if has_escapes(body):
        raise RefusedError(47002)
    try:
        message = _decoder.decode(body)
    except msgspec.ValidationError:
        _refuse_shape(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(47001) from error
    if not _OPENID.fullmatch(message.touser):
        raise RefusedError(40003)
    if not message.template_id or (templates and message.template_id not in templates):
        raise RefusedError(40037)
    if not message.data:
        raise RefusedError(47003, "data is empty")
    check_values(message.data)
    return message


def check_values(data: dict[str, Field]) -> None:
    """Refuse the first value that breaks the rule of its name, if one does."""
    for name, field in data.items():
        fault = fault_in(name, field.value)
        if fault:
            raise RefusedError(47003, fault)


def _refuse_shape(body: bytes) -> NoReturn:
    """The body is JSON, but something in it has the wrong type."""
    loose = msgspec.json.decode(body)
    if not isinstance(loose, dict):
        raise RefusedError(47001)
    for name, kind, errcode, detail in _LOOSE:
        if not isinstance(loose.get(name), kind):
            raise RefusedError(errcode, detail)
    for name, field in loose["data"].items():
        if not isinstance(field, dict) or not isinstance(field.get("value"), str):
            raise RefusedError(47003, f"data.{name}.value invalid")
    raise RefusedError(47001)


class Numberer:
    """Message ids: int64, above 2^53, increasing. `start` is seconds since the epoch, so that a restart goes on."""

    def __init__(self, start: float) -> None:
        self._last = int(start * 1_000) << 21

    def next(self) -> int:
        self._last += 1
        return self._last


class RepeatGuard:
    """Remembers `client_msg_id`s per openid for ten minutes, at most `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        # In order of time, since a dict keeps the order in which keys came.
        self._seen: dict[str, tuple[float, int]] = {}

    def earlier(self, openid: str, client_msg_id: str, now: float) -> int:
        """The msgid of the first send, or 0 if this is the first in ten minutes."""
        seen = self._seen.get(f"{openid}\n{client_msg_id}")
        return seen[1] if seen is not None and now - seen[0] < REPEAT_SECONDS else 0

    def remember(self, openid: str, client_msg_id: str, msgid: int, now: float) -> None:
        key = f"{openid}\n{client_msg_id}"
        self._seen.pop(key, None)
        self._seen[key] = (now, msgid)
        # Two at most for each one that comes: it keeps up, and no call pays for a whole sweep.
        for _ in range(2):
            oldest = next(iter(self._seen))
            if now - self._seen[oldest][0] < REPEAT_SECONDS and len(self._seen) <= self._limit:
                return
            del self._seen[oldest]
