"""`media/upload`, `media/get` and `media/uploadimg` (§4.6)."""

from loadtests.platform.call import Answer, Call, Route, encode
from loadtests.platform.http_server import Reply
from loadtests.platform.multipart import read_upload
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.media_shelf import LIMITS, check_file
from loadtests.platform.query import parameter
from loadtests.platform.refusal import RefusedError

_MIB = 1024 * 1024
_CONTENT_TYPES = {"image": b"image/jpeg", "voice": b"voice/amr", "thumb": b"image/jpeg"}


def upload(account: OfficialAccount, call: Call) -> Answer:
    file = read_upload(call.request.body)
    if file is None:
        raise RefusedError(41005)
    kind = parameter(call.request.query, b"type")
    check_file(kind, file.filename, len(file.content), account.options.image_mb * _MIB, LIMITS)
    media_id = account.media.put(kind, file.content, call.now)
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    told = {"type": kind, name: media_id, "created_at": int(call.now)}
    return encode(**({"errcode": 0, "errmsg": "ok"} if account.options.media_errcode == "present" else {}), **told)


def get(account: OfficialAccount, call: Call) -> Answer:
    media_id = parameter(call.request.query, b"media_id")
    if not media_id:
        raise RefusedError(41006)
    medium = account.media.get(media_id, call.now)
    if medium is None:
        raise RefusedError(40007)
    if medium.kind == "video":
        return encode(video_url=f"http://video.example/{media_id}")
    return Reply(body=medium.content, content_type=_CONTENT_TYPES[medium.kind])


def upload_image(account: OfficialAccount, call: Call) -> Answer:
    file = read_upload(call.request.body)
    if file is None:
        raise RefusedError(41005)
    table = {"image": (("jpg", "jpeg", "png"), _MIB, 40009)}
    check_file("image", file.filename, len(file.content), _MIB, table)
    return encode(url=f"http://mmbiz.example/{account.media.put('image', file.content, call.now)}/0")


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/media/upload", "media_upload", upload),
    Route("/cgi-bin/media/get", "media_get", get, method=b"GET"),
    Route("/cgi-bin/media/uploadimg", "media_uploadimg", upload_image),
)
