"""What `message/send` of WeCom accepts (§4.10): the addressees and the body of each msgtype."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from loadtests.platform.refusal import RefusedError

USERS, PARTIES, TAGS = 1_000, 100, 100
LONGEST_CHECK = 14_400
DEFAULT_CHECK = 1_800

_NEEDED: Mapping[str, Mapping[str, int]] = {
    "text": {"content": 44004},
    "image": {"media_id": 40007},
    "voice": {"media_id": 40007},
    "file": {"media_id": 40007},
    "video": {"media_id": 40007},
    "textcard": {"title": 41016, "description": 41033, "url": 40063},
    "news": {"articles": 45008},
    "mpnews": {"articles": 45008},
    "markdown": {"content": 44004},
    "miniprogram_notice": {"appid": 40063, "title": 41016},
    "template_card": {"card_type": 40063},
}
_MEDIA = {"image", "voice", "video", "file"}
_ARTICLES = 8
_CONTENT_ITEMS = 10
_MARKDOWN_BYTES = 2_048
_TASK_ID_BYTES = 128
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
_CARDS = INTERACTIVE | {"text_notice", "news_notice"}


class Addressees(Struct, frozen=True):
    """To whom: ids as given; `everyone` is `@all`, which makes the others ignored."""

    users: tuple[str, ...]
    parties: tuple[str, ...]
    tags: tuple[str, ...]
    everyone: bool


def read_addressees(message: Mapping[str, Any]) -> Addressees:
    """To whom; refused: nobody (82001), more than 1000 users (40032), more than 100 parties or tags (82002, 82003)."""
    if message.get("touser") == "@all":
        return Addressees((), (), (), everyone=True)
    users, parties, tags = (_ids(message.get(name)) for name in ("touser", "toparty", "totag"))
    if not (users or parties or tags):
        raise RefusedError(82001)
    for ids, most, errcode in ((users, USERS, 40032), (parties, PARTIES, 82002), (tags, TAGS, 82003)):
        if len(ids) > most:
            raise RefusedError(errcode)
    return Addressees(users, parties, tags, everyone=False)


def check_content(message: Mapping[str, Any], *, everyone: bool) -> None:
    """Refuse the body of its msgtype. Texts that are too long are cut, not refused."""
    kind = message.get("msgtype")
    needed = _NEEDED.get(kind) if isinstance(kind, str) else None
    if needed is None:
        raise RefusedError(40008)
    body = message.get(str(kind))
    if not isinstance(body, dict):
        raise RefusedError(40063, str(kind))
    for name, errcode in needed.items():
        if not body.get(name):
            raise RefusedError(errcode)
    _check_sizes(str(kind), body, everyone=everyone)


def _check_sizes(kind: str, body: Mapping[str, Any], *, everyone: bool) -> None:
    if kind in {"news", "mpnews"} and not (isinstance(body["articles"], list) and len(body["articles"]) <= _ARTICLES):
        raise RefusedError(45008)
    if kind == "markdown" and len(str(body["content"]).encode()) > _MARKDOWN_BYTES:
        raise RefusedError(45002)
    if kind == "miniprogram_notice" and (everyone or len(body.get("content_item") or ()) > _CONTENT_ITEMS):
        raise RefusedError(40035)
    if kind == "template_card":
        _check_card(body)


def _check_card(card: Mapping[str, Any]) -> None:
    if card["card_type"] not in _CARDS:
        raise RefusedError(40035, "card_type")
    if card["card_type"] in INTERACTIVE and not 1 <= len(str(card.get("task_id", "")).encode()) <= _TASK_ID_BYTES:
        raise RefusedError(42014)


def media_id_in(message: Mapping[str, Any]) -> str:
    """The media id a message uses; empty if its type has none."""
    kind = str(message["msgtype"])
    return str(message[kind]["media_id"]) if kind in _MEDIA else ""


def check_interval(message: Mapping[str, Any]) -> int:
    """Seconds within which the same content to the same target is not sent again; 0: not asked for."""
    if message.get("enable_duplicate_check") != 1:
        return 0
    given = message.get("duplicate_check_interval", DEFAULT_CHECK)
    return min(int(given), LONGEST_CHECK) if isinstance(given, int) and given > 0 else DEFAULT_CHECK


def _ids(text: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in str(text or "").split("|") if part))
