"""What an upstream asks of `POST /v1/pushes`, and what it makes of the answer. Pure.

A request whose outcome is unknown is sent again as it was: its keys make that safe, and an item that was taken the
first time answers `duplicate` with its id.
"""

import random
from typing import Final, Literal

import msgspec
from msgspec import Struct

from loadtests.ledgers import CampaignRow

ACCEPTED: Final = 202
TEMPLATE: Final = "TPL_NOTICE"

Priority = Literal["high", "normal", "bulk"]
_PRIORITIES: tuple[Priority, ...] = ("high", "normal", "bulk")
_PRIORITY_SHARES = (10, 60, 30)

_OVERLOADED = 429
_SERVER_ERROR = 500
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0


class PushItem(Struct, frozen=True, omit_defaults=True):
    """One push of a request."""

    account: str
    to: str
    template_id: str
    data: dict[str, str]
    priority: Priority
    idempotency_key: str


class ItemResult(Struct, frozen=True):
    """What became of one push; `unanswered` where there was no 202."""

    status: str
    id: str | None = None
    error: str | None = None


UNANSWERED: Final = ItemResult("unanswered")


class _Results(Struct, frozen=True):
    results: list[ItemResult]


_DECODER = msgspec.json.Decoder(_Results)


def notice(account: str, to: str, number: int, key: str, chance: random.Random, *, title: str = "办理进度") -> PushItem:
    """A notice of how far somebody's application is; its priority is left to chance."""
    return PushItem(
        account=account,
        to=to,
        template_id=TEMPLATE,
        data={"thing1": f"{title} {number}", "number2": str(number), "time3": "2024-04-26 14:30"},
        priority=chance.choices(_PRIORITIES, _PRIORITY_SHARES)[0],
        idempotency_key=key,
    )


def read_results(body: bytes) -> list[ItemResult]:
    """The results of a 202, in the order of the items. Raises msgspec.MsgspecError for another body."""
    return _DECODER.decode(body).results


def may_repeat(status: int) -> bool:
    """Whether the same request may be taken later; `status` 0 is no answer."""
    return not status or status == _OVERLOADED or status >= _SERVER_ERROR


def pause_before(repeat: int, retry_after: float) -> float:
    """Seconds to wait before that repeat, of which the first is 0; as long as the gateway wishes at least."""
    return max(retry_after, min(_FIRST_PAUSE_SECONDS * 2.0**repeat, _LONGEST_PAUSE_SECONDS))


def ledger_row(item: PushItem, result: ItemResult, **more: object) -> CampaignRow:
    """The row of one push. Raises msgspec.ValidationError for a status that there is not."""
    return msgspec.convert(
        {
            "key": item.idempotency_key,
            "id": result.id or "",
            "status": result.status,
            "recipient": item.to,
            "priority": item.priority,
            "error": result.error or "",
            **more,
        },
        CampaignRow,
    )
