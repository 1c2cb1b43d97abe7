"""WeCom application messages (企业微信应用消息): to members, parties and tags of the corp."""

from typing import Annotated, Any

from msgspec import Meta, field, structs
from msgspec.json import Encoder

from gateway.pushes.bodies.message import Content, Medium, Message, MessageReader, Part, Text, check_bytes, type_of
from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import PushItem
from queues.account import Account
from queues.push import AUDIENCE_IN_MESSAGE

REPEAT_SECONDS = 600
"""The platform drops a repeat of the same words to the same people for this long; all our own repeats fall within."""

_MOST = {"touser": 1000, "toparty": 100, "totag": 100}
_CARDS = ("text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction")
_MOST_BYTES = {
    "text": {"content": 2048},
    "markdown": {"content": 2048},
    "textcard": {"title": 128, "description": 512, "url": 2048},
    "video": {"title": 128, "description": 512},
    "news": {"title": 128, "description": 512, "url": 2048},
}


class Video(Part, frozen=True):
    media_id: Text
    title: str = ""
    description: str = ""


class TextCard(Part, frozen=True):
    title: Text
    description: Text
    url: Text
    btntxt: Annotated[str, Meta(max_length=4)] = ""


class Article(Part, frozen=True):
    title: Text
    description: str = ""
    url: str = ""
    picurl: str = ""
    appid: str = ""
    pagepath: str = ""


class News(Part, frozen=True):
    articles: Annotated[list[Article], Meta(min_length=1, max_length=8)]


class MpArticle(Part, frozen=True):
    title: Text
    thumb_media_id: Text
    content: Text
    author: str = ""
    content_source_url: str = ""
    digest: str = ""


class Mpnews(Part, frozen=True):
    articles: Annotated[list[MpArticle], Meta(min_length=1, max_length=8)]


class NoticeItem(Part, frozen=True):
    key: Text
    value: Text


class Notice(Part, frozen=True):
    appid: Text
    title: Text
    page: str = ""
    description: str = ""
    emphasis_first_item: bool = False
    content_item: Annotated[list[NoticeItem], Meta(max_length=10)] = field(default_factory=list)


class _Message(Message, frozen=True, kw_only=True):
    """What every type may have beside its own object; ids are joined by `|`, as the platform has them."""

    touser: str = ""
    toparty: str = ""
    totag: str = ""
    agentid: int = 0
    safe: int = 0
    enable_id_trans: int = 0
    enable_duplicate_check: int | None = None
    duplicate_check_interval: Annotated[int, Meta(ge=1, le=14_400)] | None = None


# The five kinds of cards share little but `card_type`; what else they need, the platform says best.
_reader = MessageReader(
    _Message,
    {
        "text": Content,
        "markdown": Content,
        "voice": Medium,
        "file": Medium,
        "video": Video,
        "textcard": TextCard,
        "news": News,
        "mpnews": Mpnews,
        "miniprogram_notice": Notice,
        "template_card": dict[str, Any],
    },
)
_encode = Encoder().encode


def wecom_body(item: PushItem, account: Account) -> bytes:
    """The body of an application message.

    The platform's duplicate check is switched on unless the message says otherwise: without it, a message whose
    answer was lost cannot be repeated safely.

    Raises:
        RejectedPushError: `message` is of no known type, lacks what the type needs, or has more than is delivered.
    """
    message = _reader.read(item)
    if message.agentid not in {0, account.agent_id}:
        raise RejectedPushError(".message.agentid", "is not the account's agent_id; leave it out")
    _check_audience(item, message)
    _check_content(message)
    if message.enable_duplicate_check is None:
        message = structs.replace(
            message,
            enable_duplicate_check=1,
            duplicate_check_interval=message.duplicate_check_interval or REPEAT_SECONDS,
        )
    return _encode(structs.replace(message, agentid=account.agent_id))


def _check_audience(item: PushItem, message: _Message) -> None:
    if item.to != AUDIENCE_IN_MESSAGE:
        if message.touser or message.toparty or message.totag:
            raise RejectedPushError(".message", f"has an audience of its own; write 'to': '{AUDIENCE_IN_MESSAGE}'")
        return
    if not (message.touser or message.toparty or message.totag):
        raise RejectedPushError(".message", "give touser, toparty or totag")
    for name, most in _MOST.items():
        count = getattr(message, name).count("|") + 1
        if count > most:
            raise RejectedPushError(f".message.{name}", f"{count} ids; the platform takes {most}")


def _check_content(message: _Message) -> None:
    kind = type_of(message)
    part = getattr(message, kind)
    if kind == "template_card" and part.get("card_type") not in _CARDS:
        raise RejectedPushError(".message.template_card.card_type", f"expected one of {', '.join(_CARDS)}")
    places = {kind: part}
    if kind == "news":
        places = {f"news.articles[{index}]": article for index, article in enumerate(part.articles)}
    for path, place in places.items():
        for name, most in _MOST_BYTES.get(kind, {}).items():
            check_bytes(f"{path}.{name}", getattr(place, name), most)
