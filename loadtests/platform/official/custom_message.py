"""What a customer-service message must look like, by its msgtype (§4.4)."""

from collections.abc import Mapping
from typing import Any

from loadtests.platform.refusal import RefusedError

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "text": ("content",),
    "image": ("media_id",),
    "voice": ("media_id",),
    "video": ("media_id",),
    "music": ("musicurl", "thumb_media_id"),
    "news": ("articles",),
    "mpnews": ("media_id",),
    "mpnewsarticle": ("article_id",),
    "msgmenu": ("list",),
    "wxcard": ("card_id",),
    "miniprogrampage": ("title", "appid", "pagepath", "thumb_media_id"),
    "link": ("title", "url"),
}
_MEDIA = {"image": "image", "voice": "voice", "video": "video"}


def check_custom(message: Mapping[str, Any]) -> None:
    """Refuse a message by its form: 40008 (msgtype), 44004 (no text), 45008 (not one article), 41006, 40035."""
    kind = message.get("msgtype")
    needed = _NEEDED.get(kind) if isinstance(kind, str) else None
    if needed is None:
        raise RefusedError(40008)
    body = message.get(str(kind))
    if not isinstance(body, dict):
        raise RefusedError(44004 if kind == "text" else 40035, str(kind))
    missing = next((name for name in needed if not body.get(name)), "")
    if missing:
        empty = {"content": 44004, "media_id": 41006, "articles": 44003}
        raise RefusedError(empty.get(missing, 40035), missing)
    if kind == "news" and (not isinstance(body["articles"], list) or len(body["articles"]) != 1):
        raise RefusedError(45008)


def media_in(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The temporary media a message uses: kind and id. mpnews are permanent material, which is not simulated."""
    kind = str(message["msgtype"])
    body = message[kind]
    found = [(_MEDIA[kind], str(body["media_id"]))] if kind in _MEDIA else []
    if body.get("thumb_media_id"):
        found.append(("thumb", str(body["thumb_media_id"])))
    return found
