"""Mass messages after they were submitted: get, delete and the speed (§4.5)."""

from msgspec import Struct

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.mass_desk import SPEEDS
from loadtests.platform.refusal import RefusedError

_DELETABLE = {"mpnews", "mpvideo"}


class JobRequest(Struct, frozen=True):
    """The body of mass/get and mass/delete; a msg_id may come as a string."""

    msg_id: int | str = 0
    article_idx: int = 0


class SpeedRequest(Struct, frozen=True):
    speed: int | None = None


def get(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, JobRequest)
    job = account.mass.find(_number(asked.msg_id))
    if job is None:
        raise RefusedError(40059)
    return encode(msg_id=job.msg_id, msg_status=job.state(call.now))


def delete(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, JobRequest)
    job = account.mass.find(_number(asked.msg_id))
    if job is None or job.kind not in _DELETABLE or job.state(call.now) != "SEND_SUCCESS":
        raise RefusedError(40059)
    if not asked.article_idx:  # single articles of a message are not told apart here
        job.deleted = True
    return answers.OK


def get_speed(account: OfficialAccount, _call: Call) -> Answer:
    return encode(errcode=0, speed=account.mass.speed, realspeed=SPEEDS[account.mass.speed])


def set_speed(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, SpeedRequest)
    if asked.speed is None:
        raise RefusedError(45084)
    if not 0 <= asked.speed < len(SPEEDS):
        raise RefusedError(45083)
    account.mass.speed = asked.speed
    return answers.OK


def _number(msg_id: int | str) -> int:
    return int(msg_id) if str(msg_id).isdigit() else 0


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/message/mass/get", "mass_get", get),
    Route("/cgi-bin/message/mass/delete", "mass_delete", delete),
    Route("/cgi-bin/message/mass/speed/get", "mass_speed", get_speed),
    Route("/cgi-bin/message/mass/speed/set", "mass_speed", set_speed),
)
