"""One try at sending a push, as its job remembers it."""

import msgpack
from msgspec import Struct

ERROR_CHARACTERS = 60


class Attempt(Struct, frozen=True, kw_only=True):
    """What came of one try.

    `verdict` is what we made of it (`sent`, `retry`, `park`, …); `errcode` is None where there was no answer with one;
    `rid` is the platform's own id of the request, which its support asks for. `at` is when it was settled, in seconds
    since the epoch; 0 before that.
    """

    verdict: str
    errcode: int | None = None
    rid: str = ""
    error: str = ""
    at: float = 0


def words_of(attempt: Attempt, safe_seconds: float | None) -> tuple[object, ...]:
    """As `settle.lua` takes it; `safe_seconds` is the outcome's."""
    safe_ms = -1 if safe_seconds is None else int(safe_seconds * 1000)
    errcode = "" if attempt.errcode is None else attempt.errcode
    error = attempt.error
    if len(error) > ERROR_CHARACTERS:
        error = error[: ERROR_CHARACTERS - 1] + "…"
    return attempt.verdict, errcode, attempt.rid, error, safe_ms


def unpack_attempts(packed: bytes) -> tuple[Attempt, ...]:
    """The job's field `history`, the oldest first."""
    return tuple(
        Attempt(verdict=verdict, errcode=None if errcode == "" else errcode, rid=rid, error=error, at=at / 1000)
        for at, verdict, errcode, rid, error in msgpack.unpackb(packed)
    )
