"""`mass/send`, `sendall` and `preview` (§4.5): a submission now, MASSSENDJOBFINISH later."""

from typing import Any

from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.events import Counts, mass_finished
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.official.custom_send import has_medium
from loadtests.platform.official.mass_desk import Job
from loadtests.platform.official.mass_message import MassMessage, read_mass, read_openids
from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import is_openid


def send(account: OfficialAccount, call: Call) -> Answer:
    body: dict[str, Any] = read_body(call, dict[str, Any])
    people = read_openids(body.get("touser"))
    message = _message(account, call, body, people)
    followers = [openid for openid in people if account.recipients.follows(openid)]
    return _submit(
        account, call, message, account.mass.accept(message.client_id, message.kind, people, followers, call.now)
    )


def sendall(account: OfficialAccount, call: Call) -> Answer:
    body: dict[str, Any] = read_body(call, dict[str, Any])
    where = body.get("filter")
    if not isinstance(where, dict) or not isinstance(where.get("is_to_all"), bool):
        raise RefusedError(40035, "filter")
    if not where["is_to_all"] and not isinstance(where.get("tag_id"), int):
        raise RefusedError(45159)
    message = _message(account, call, body, where)
    if where["is_to_all"] and not account.mass.to_all.take(call.now):
        raise RefusedError(45028)
    people = account.followers.all()
    return _submit(account, call, message, account.mass.accept(message.client_id, message.kind, people, None, call.now))


def preview(account: OfficialAccount, call: Call) -> Answer:
    body: dict[str, Any] = read_body(call, dict[str, Any])
    name = body.get("towxname")
    if name is not None and not (isinstance(name, str) and name):
        raise RefusedError(40132)
    openid = body.get("touser", "")
    if name is None and not is_openid(openid):
        raise RefusedError(40003)
    read_mass(body, openid)
    msgid = account.numberer.next()
    account.record("mass_preview", str(openid), msgid, call.now, answered=call.answered)
    return encode(errcode=0, errmsg="preview success", msg_id=msgid & 0x7FFFFFFF)


def _message(account: OfficialAccount, call: Call, body: dict[str, Any], audience: object) -> MassMessage:
    """The message; its form, its media or its clientmsgid may be refused."""
    message = read_mass(body, audience)
    for media_id in message.media:
        medium = account.media.get(media_id, call.now)
        if medium is not None and medium.kind != message.kind:
            raise RefusedError(-1)  # not 40007: seen on the real one (§7.26)
        if not has_medium(account, message.kind, media_id, call.now):
            raise RefusedError(40007)
    account.mass.check_repeat(message.client_id, call.now)
    return message


def _submit(account: OfficialAccount, call: Call, message: MassMessage, job: Job) -> Answer:
    account.record(
        "mass", "", job.msg_id, call.now, client_id=message.client_id, answered=call.answered, media=message.media
    )
    status, delay = account.options.mass_status, account.options.receipt_delay
    job.due = call.now + delay
    job.failed = status != "send success"
    failed = job.filtered if job.failed else int(job.filtered * account.fates.failing)
    counts = Counts(total=job.total, filtered=job.filtered, sent=job.filtered - failed, failed=failed)
    account.emit(delay, mass_finished(account.facts.original_id, int(call.now + delay), job.msg_id, status, counts))
    told = {"errcode": 0, "errmsg": "send job submission success", "msg_id": job.msg_id}
    return encode(**told, **({"msg_data_id": job.msg_data_id} if job.msg_data_id else {}))


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/message/mass/send", "mass", send, sends=True),
    Route("/cgi-bin/message/mass/sendall", "mass", sendall, sends=True),
    Route("/cgi-bin/message/mass/preview", "mass_preview", preview, sends=True),
)
