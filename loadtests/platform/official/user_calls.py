"""`user/get`, `user/info` and `user/info/batchget` (§4.7)."""

import zlib

import msgspec
from msgspec import Struct

from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.query import parameter
from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import is_openid

_BATCH = 100
_YEAR = 31_536_000


class Asked(Struct, frozen=True):
    openid: str = ""
    lang: str = "zh_CN"


class Batch(Struct, frozen=True):
    """The body of batchget."""

    user_list: list[Asked] = []


def get(account: OfficialAccount, call: Call) -> Answer:
    found = account.followers.page(parameter(call.request.query, b"next_openid"))
    if found is None:
        raise RefusedError(40003)
    total, page = found
    if page:
        return encode(total=total, count=len(page), data={"openid": page}, next_openid=page[-1])
    if account.options.user_get_end == "empty_data":
        return encode(total=total, count=0, data={"openid": []}, next_openid="")
    return encode(total=total, count=0, next_openid="")


def info(account: OfficialAccount, call: Call) -> Answer:
    openid = parameter(call.request.query, b"openid")
    if not openid:
        raise RefusedError(41009)
    if not is_openid(openid):
        raise RefusedError(40003)
    return msgspec.json.encode(_info(account, openid, parameter(call.request.query, b"lang") or "zh_CN", call.now))


def batch_info(account: OfficialAccount, call: Call) -> Answer:
    batch = read_body(call, Batch)
    if not 1 <= len(batch.user_list) <= _BATCH:
        raise RefusedError(40032)
    if not all(is_openid(asked.openid) for asked in batch.user_list):
        raise RefusedError(40003)
    return encode(user_info_list=[_info(account, each.openid, each.lang, call.now) for each in batch.user_list])


def _info(account: OfficialAccount, openid: str, lang: str, now: float) -> dict[str, object]:
    if not account.recipients.follows(openid):
        return {"subscribe": 0, "openid": openid}
    return {
        "subscribe": 1,
        "openid": openid,
        "nickname": "",
        "sex": 0,
        "language": lang,
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(now) - zlib.crc32(openid.encode()) % _YEAR,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE",
        "qr_scene": 0,
        "qr_scene_str": "",
    }


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/user/get", "user_get", get, method=b"GET"),
    Route("/cgi-bin/user/info", "user_info", info, method=b"GET"),
    Route("/cgi-bin/user/info/batchget", "user_info_batch", batch_info),
)
