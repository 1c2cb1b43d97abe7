"""One push as an upstream writes it, and what a complaint about it can say."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct, field

from queues.push import Priority

_Name = Annotated[str, Meta(min_length=1, max_length=128)]
_Time = Annotated[datetime, Meta(tz=True)]
_Url = Annotated[str, Meta(max_length=2048)]  # as WeCom has it; the others name no bound, and refuse with 40039
MAX_FIELDS = 100
"""Of a template message. No template of the platform's has a fifth as many."""
_Object = Annotated[Raw, Meta(extra_json_schema={"type": "object"})]


class TemplateValue(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A field of a template message. The platform has ignored `color` since 2023, and still takes it."""

    value: str
    color: str = ""


class Miniprogram(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a tap leads, if the account has this mini program linked."""

    appid: _Name
    pagepath: str = ""


class Image(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture that goes with a push: its bytes (base64 in JSON), or an internal URL that it is fetched from."""

    data: bytes = b""
    url: _Url = ""


FieldValue = str | TemplateValue
_Fields = Annotated[dict[_Name, FieldValue], Meta(max_length=MAX_FIELDS)]
TAG_LENGTH = 64
TagValue = Annotated[str, Meta(max_length=TAG_LENGTH)]


class FallbackItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A further channel, and when a push goes on to it.

    `window`: the recipient may not be answered now; `refused`: the recipient does not take this message, or (where the
    channel is a webhook) nothing from the platform; `rejected`: the platform, or a receiver, finds the message wrong.
    """

    channel: _Name
    on: Annotated[tuple[Literal["window", "refused", "rejected"], ...], Meta(min_length=1)] = ("window", "refused")
    template_id: Annotated[str, Meta(max_length=128)] = ""
    data: _Fields | None = None
    url: _Url = ""
    miniprogram: Miniprogram | None = None
    message: _Object = field(default_factory=Raw)


class PushItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One item of `pushes`. Lengths are in characters; the whole of what goes to the platform is at most 16 KiB."""

    account: _Name
    channel: _Name = "template"
    to: _Name
    template_id: Annotated[str, Meta(max_length=128)] = ""
    data: _Fields | None = None
    url: _Url = ""
    miniprogram: Miniprogram | None = None
    message: _Object = field(default_factory=Raw)
    image: Image | None = None
    fallback: Annotated[tuple[FallbackItem, ...], Meta(max_length=4)] = ()
    priority: Priority = "normal"
    idempotency_key: Annotated[str, Meta(max_length=128)] = ""
    send_at: _Time | None = None
    expire_at: _Time | None = None
    time_zone: Annotated[str, Meta(max_length=64)] = ""
    notify: bool = False
    tags: Annotated[
        dict[Annotated[str, Meta(min_length=1, max_length=32)], TagValue],
        Meta(max_length=8),
    ] = {}


_A_TIME = "RFC 3339 with an offset, as 2026-05-01T08:00:00+08:00"
WAYS_OUT: Mapping[str, str] = {
    ".priority": "high, normal, bulk",
    ".send_at": _A_TIME,
    ".expire_at": _A_TIME,
    ".data": 'an object, as {"thing1": "text"}',
    ".data[...]": 'a string or {"value": "text"}',
    ".data[...].value": "a string, numbers too",
    ".fallback[...].on[...]": "window, refused, rejected",
    ".tags[...]": "a string of at most 64 characters",
}
"""What to give instead, by the path of what was wrong."""

NAMES: Mapping[str, Iterable[str]] = {
    "": PushItem.__struct_fields__,
    ".fallback[...]": FallbackItem.__struct_fields__,
    ".image": Image.__struct_fields__,
    ".miniprogram": Miniprogram.__struct_fields__,
    ".data[...]": TemplateValue.__struct_fields__,
}
"""The fields there are, by the path of their object."""
