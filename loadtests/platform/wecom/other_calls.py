"""`gettoken` (§3.3), `media/upload`, `media/get` and the address lists of WeCom (§4.10)."""

from loadtests.platform.call import Answer, Call, Route, encode
from loadtests.platform.http_server import Reply
from loadtests.platform.multipart import read_upload
from loadtests.platform.official.media_shelf import check_file
from loadtests.platform.query import parameter, parameters
from loadtests.platform.refusal import RefusedError
from loadtests.platform.wecom.account import WecomAccount

_MIB = 1024 * 1024
_SMALLEST = 6

LIMITS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "image": (("jpg", "jpeg", "png"), 10 * _MIB, 45001),
    "voice": (("amr",), 2 * _MIB, 45001),
    "video": (("mp4",), 10 * _MIB, 45001),
    "file": ((), 20 * _MIB, 45001),
}


def get_token(account: WecomAccount, call: Call) -> Answer:
    asked = parameters(call.request.query)
    secret = asked.get("corpsecret", "")
    issued = account.tokens.fetch(asked.get("corpid", ""), secret, call.now, foreign=secret in account.secrets)
    if isinstance(issued, int):
        raise RefusedError(issued)
    account.ledger.counts["tokens"] += 1
    return encode(errcode=0, errmsg="ok", access_token=issued.token, expires_in=issued.expires_in)


def upload(account: WecomAccount, call: Call) -> Answer:
    file = read_upload(call.request.body)
    if file is None:
        raise RefusedError(41005)
    kind = parameter(call.request.query, b"type")
    check_file(kind, file.filename, len(file.content), 10 * _MIB, LIMITS)
    if len(file.content) < _SMALLEST:
        raise RefusedError(40006)
    media_id = account.media.put(kind, file.content, call.now)
    return encode(errcode=0, errmsg="ok", type=kind, media_id=media_id, created_at=str(int(call.now)))


def get(account: WecomAccount, call: Call) -> Answer:
    medium = account.media.get(parameter(call.request.query, b"media_id"), call.now)
    if medium is None:
        raise RefusedError(40007)
    return Reply(body=medium.content, content_type=b"application/octet-stream")


def addresses(_account: WecomAccount, _call: Call) -> Answer:
    return encode(ip_list=["127.0.0.1"], errcode=0, errmsg="ok")


ROUTES: tuple[Route[WecomAccount], ...] = (
    Route("/cgi-bin/gettoken", "wecom_token", get_token, method=b"GET", token=False),
    Route("/cgi-bin/media/upload", "wecom_media", upload),
    Route("/cgi-bin/media/get", "wecom_media_get", get, method=b"GET"),
    Route("/cgi-bin/getcallbackip", "wecom_callback_ip", addresses, method=b"GET"),
    Route("/cgi-bin/get_api_domain_ip", "wecom_api_ip", addresses, method=b"GET"),
)
