"""Customer-service messages (客服消息): a message of any type, to somebody who has just turned to the account."""

from typing import Annotated

from msgspec import Meta
from msgspec.json import Encoder

from gateway.pushes.bodies.message import Message, MessageReader, Part, Text, check_picture
from gateway.pushes.item import PushItem
from queues.account import Account


class Content(Part, frozen=True):
    content: Text


class Medium(Part, frozen=True):
    media_id: Text


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


class TextMessage(_Message, frozen=True, tag="text"):
    text: Content


class ImageMessage(_Message, frozen=True, tag="image"):
    image: Medium | None = None


class VoiceMessage(_Message, frozen=True, tag="voice"):
    voice: Medium


class VideoMessage(_Message, frozen=True, tag="video"):
    video: Video


class MusicMessage(_Message, frozen=True, tag="music"):
    music: Music


class NewsMessage(_Message, frozen=True, tag="news"):
    news: News


class MpnewsMessage(_Message, frozen=True, tag="mpnews"):
    mpnews: Medium


class MpnewsArticleMessage(_Message, frozen=True, tag="mpnewsarticle"):
    mpnewsarticle: ArticleLink


class MenuMessage(_Message, frozen=True, tag="msgmenu"):
    msgmenu: Menu


class CardMessage(_Message, frozen=True, tag="wxcard"):
    wxcard: Card


class MiniprogramPageMessage(_Message, frozen=True, tag="miniprogrampage"):
    miniprogrampage: MiniprogramPage


class LinkMessage(_Message, frozen=True, tag="link"):
    link: Link


CustomMessage = (
    TextMessage
    | ImageMessage
    | VoiceMessage
    | VideoMessage
    | MusicMessage
    | NewsMessage
    | MpnewsMessage
    | MpnewsArticleMessage
    | MenuMessage
    | CardMessage
    | MiniprogramPageMessage
    | LinkMessage
)
_reader: MessageReader[CustomMessage] = MessageReader(CustomMessage)
_encode = Encoder().encode


def custom_body(item: PushItem, _account: Account) -> bytes:
    """The body of a customer-service message.

    Raises:
        RejectedPushError: `message` is not of a type that the platform knows, or lacks what the type needs.
    """
    message = _reader.read(item)
    check_picture(item, message, message.image if isinstance(message, ImageMessage) else None)
    return _encode(message)
