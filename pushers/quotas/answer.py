"""The platform's own count of an API's calls today: the request and what its answer says; does no I/O.

Source: `POST /cgi-bin/openapi/quota/get`, for official accounts only. What other programs sent is counted there too.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from pushers.verdict import read_answer

PATH = "/cgi-bin/openapi/quota/get"

SEND_PATHS: Mapping[str, str] = {
    "template": "/cgi-bin/message/template/send",
    "subscribe": "/cgi-bin/message/subscribe/bizsend",
    "custom": "/cgi-bin/message/custom/send",
    "mass": "/cgi-bin/message/mass/send",
}
"""The path that an API's calls are counted under."""

PATHS: Mapping[str, str] = {**SEND_PATHS, "media": "/cgi-bin/media/upload"}
"""The same of every API that the platform tells a count of."""


class PlatformCount(Struct, frozen=True):
    """Calls today; `limit` 0 is not documented, and taken for unlimited."""

    limit: int
    used: int

    @property
    def left(self) -> bool:
        """Whether there should be any left."""
        return not self.limit or self.used < self.limit


_Count = Annotated[int, Meta(ge=0, le=2**53)]


class _Counted(Struct, frozen=True):
    daily_limit: _Count
    used: _Count


def quota_request(api: str) -> bytes:
    """The body to post. Raises KeyError for an API that is not counted."""
    return msgspec.json.encode({"cgi_path": PATHS[api]})


def read_quota_answer(body: bytes) -> PlatformCount | None:
    """The count; None where the answer has none (an errcode, another shape). Never raises."""
    answer = read_answer(body)
    if answer is None or answer.errcode:
        return None
    try:
        counted = msgspec.convert(answer.fields.get("quota"), _Counted, strict=False)
    except msgspec.ValidationError:
        return None
    return PlatformCount(counted.daily_limit, counted.used)
