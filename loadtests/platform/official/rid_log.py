"""Remembers refused calls by their rid, for openapi/rid/get (§4.9)."""

from collections import OrderedDict

from msgspec import Struct

from loadtests.platform.answers import rids

RID_SECONDS = 7 * 86_400.0
_KEPT = 10_000


class RefusedCall(Struct, frozen=True, gc=False):
    """One refused call at `at` seconds since the epoch."""

    at: float
    path: str
    answer: bytes


class RidLog:
    """The newest 10,000 refusals, for seven days."""

    def __init__(self) -> None:
        self.fresh = rids()
        self._calls: OrderedDict[str, RefusedCall] = OrderedDict()

    def remember(self, rid: str, path: str, answer: bytes, now: float) -> None:
        self._calls[rid] = RefusedCall(now, path, answer)
        if len(self._calls) > _KEPT:
            self._calls.popitem(last=False)

    def find(self, rid: str, now: float) -> RefusedCall | int:
        """The call, or 76002 (not a rid), 76001 (unknown), 76004 (older than seven days)."""
        if len(rid.split("-")) != 3:  # noqa: PLR2004 - a rid has three parts
            return 76002
        call = self._calls.get(rid)
        if call is None:
            return 76001
        return call if now - call.at < RID_SECONDS else 76004
