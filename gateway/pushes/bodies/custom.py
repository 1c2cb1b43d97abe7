"""Customer-service messages (客服消息): a message of any type, to somebody who has just turned to the account."""

from typing import Annotated

from msgspec import Meta
from msgspec.json import Encoder

from gateway.pushes.bodies.message import Content, Medium, Message, MessageReader, Part, Text
from gateway.pushes.item import PushItem
from queues.account import Account


class Video(Part, frozen=True):
    media_id: Text
    thumb_media_id: str = ""
    title: str = ""
    description: str = ""


class Music(Part, frozen=True):
    musicurl: Text
    thumb_media_id: Text
    hqmusicurl: str = ""
    title: str = ""
    description: str = ""


class Article(Part, frozen=True):
    title: str
    description: str = ""
    url: str = ""
    picurl: str = ""


class News(Part, frozen=True):
    """More than one article is refused with 45008 since 2018."""

    articles: Annotated[list[Article], Meta(min_length=1, max_length=1)]


class ArticleLink(Part, frozen=True):
    article_id: Text


class Choice(Part, frozen=True):
    id: str | int
    content: Text


class Menu(Part, frozen=True):
    list: Annotated[list[Choice], Meta(min_length=1)]
    head_content: str = ""
    tail_content: str = ""


class Card(Part, frozen=True):
    card_id: Text


class MiniprogramPage(Part, frozen=True):
    title: Text
    appid: Text
    pagepath: Text
    thumb_media_id: Text


class Link(Part, frozen=True):
    """For mini programs' customer service only."""

    title: Text
    url: Text
    description: str = ""
    thumb_url: str = ""


class Clerk(Part, frozen=True):
    kf_account: Text


class _Message(Message, frozen=True, kw_only=True):
    """What every type may have beside its own object: the clerk in whose name it goes."""

    customservice: Clerk | None = None


_reader = MessageReader(
    _Message,
    {
        "text": Content,
        "voice": Medium,
        "video": Video,
        "music": Music,
        "news": News,
        "mpnews": Medium,
        "mpnewsarticle": ArticleLink,
        "msgmenu": Menu,
        "wxcard": Card,
        "miniprogrampage": MiniprogramPage,
        "link": Link,
    },
)
_encode = Encoder().encode


def custom_body(item: PushItem, _account: Account) -> bytes:
    """The body of a customer-service message.

    Raises:
        RejectedPushError: `message` is not of a type that the platform knows, or lacks what the type needs.
    """
    return _encode(_reader.read(item))
