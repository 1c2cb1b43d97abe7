"""What a mass message says and to whom (§4.5): reading its body, without the state of the account."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from loadtests.platform.official.mass_desk import digest
from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import is_openid

FEWEST, MOST = 2, 10_000

_NEEDED: Mapping[str, str] = {
    "mpnews": "media_id",
    "text": "content",
    "voice": "media_id",
    "image": "media_id",
    "mpvideo": "media_id",
    "wxcard": "card_id",
}


class MassMessage(Struct, frozen=True):
    """`media` are the temporary media it uses; `client_id` is its clientmsgid, or a digest in its place."""

    kind: str
    media: tuple[str, ...]
    client_id: str


def read_mass(body: Mapping[str, Any], audience: object) -> MassMessage:
    """The message; refused: 40008 (msgtype), 44004 (empty text), 41006 (no media id), 40035."""
    kind = body.get("msgtype")
    needed = _NEEDED.get(kind) if isinstance(kind, str) else None
    if needed is None:
        raise RefusedError(40008)
    content = body.get(str(kind))
    media: tuple[str, ...] = ()
    if kind == "image" and isinstance(body.get("images"), dict):  # the current form; `image` is the old one
        content = body["images"]
        media = tuple(str(each) for each in content.get("media_ids") or ())
        if not media:
            raise RefusedError(41006)
    elif not isinstance(content, dict) or not content.get(needed):
        raise RefusedError({"content": 44004, "media_id": 41006}.get(needed, 40035))
    elif kind in {"image", "voice"}:
        media = (str(content["media_id"]),)
    client_id = body.get("clientmsgid") or digest(audience, content)
    return MassMessage(str(kind), media, str(client_id))


def read_openids(touser: object) -> list[str]:
    """The list of mass/send; refused: fewer than two (40130), more than 10,000 (40032), what are no openids (40031)."""
    if not isinstance(touser, list) or len(touser) < FEWEST:
        raise RefusedError(40130)
    if len(touser) > MOST:
        raise RefusedError(40032)
    if not all(is_openid(each) for each in touser):
        raise RefusedError(40031)
    return list(dict.fromkeys(touser))
