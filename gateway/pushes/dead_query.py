"""What `GET /v1/dead` and `POST /v1/dead/replay` are asked, checked."""

import re
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta, Struct, ValidationError

from gateway.http.problem import ProblemError
from gateway.pushes.complaint import explain

MOST_LISTED = 500
MOST_IDS = 1_000
FASTEST = 1_000.0

_Name = Annotated[str, Meta(max_length=128)]
_Time = Annotated[datetime, Meta(tz=True)]
_A_TIME = "RFC 3339 with an offset, as 2026-05-01T08:00:00+08:00"
_WAYS_OUT = {".after": _A_TIME, ".before": _A_TIME, ".limit": f"1 to {MOST_LISTED}"}
_FEW_DIGITS = re.compile(r"[0-9]{1,9}")
# A `+` that nobody escaped has become a space; in a time, only the offset's sign can have been one.
_BARE_OFFSET = re.compile(r" (?=\d\d:\d\d$)")


class Choice(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which dead pushes: empty stands for any."""

    account: _Name = ""
    error: _Name = ""
    after: _Time | None = None
    before: _Time | None = None
    cursor: _Name = ""


class ListQuestion(Choice, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The query of `GET /v1/dead`."""

    limit: Annotated[int, Meta(ge=1, le=MOST_LISTED)] = 100


class ReplayQuestion(Choice, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of `POST /v1/dead/replay`: `ids`, or a filter, or `all`."""

    ids: Annotated[list[_Name], Meta(max_length=MOST_IDS)] | None = None
    all: bool = False
    per_second: Annotated[float, Meta(ge=0.1, le=FASTEST)] = 20.0


def read_query(query: bytes) -> ListQuestion:
    """Read a query string.

    Raises:
        ProblemError: a name is unknown or twice there, or a value is not one it may have.
    """
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError as error:
        raise not_understood("the query is malformed") from error
    asked: dict[str, Any] = dict(pairs)
    if len(asked) < len(pairs):
        raise not_understood("the query has a name twice")
    for name in ("after", "before"):
        if name in asked:
            asked[name] = _BARE_OFFSET.sub("+", asked[name])
    if _FEW_DIGITS.fullmatch(asked.get("limit", "")):  # the others are text; else a number would be read as a time
        asked["limit"] = int(asked["limit"])
    try:
        return msgspec.convert(asked, ListQuestion)
    except ValidationError as error:
        raise _explained(error, ListQuestion) from error


def read_replay(body: bytes) -> ReplayQuestion:
    """Read the body of a replay.

    Raises:
        ProblemError: it is not JSON of this shape, or says none or several of ids, a filter, and all.
    """
    try:
        asked = msgspec.json.decode(body, type=ReplayQuestion)
    except ValidationError as error:
        raise _explained(error, ReplayQuestion) from error
    except (ValueError, RecursionError) as error:
        raise not_understood("the body is not valid JSON in UTF-8") from error
    filtered = bool(asked.account or asked.error or asked.after or asked.before)
    if [asked.ids is not None, filtered, asked.all].count(True) != 1:
        raise not_understood("say which: ids, or some of account, error, after and before, or all")
    return asked


def not_understood(detail: str) -> ProblemError:
    """400; `detail` says what to write instead."""
    return ProblemError(400, "Not understood", detail)


def _explained(error: ValidationError, shape: type[Struct]) -> ProblemError:
    rejected = explain(error, {"": shape.__struct_fields__}, _WAYS_OUT)
    return not_understood(str(rejected).removeprefix("."))
