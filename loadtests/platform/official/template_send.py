"""`template/send` (§4.1): the hot call. What it accepts stands in `loadtests.platform.template`."""

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route
from loadtests.platform.callbacks import receipt
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import TemplateMessage, read_message


def send(account: OfficialAccount, call: Call) -> Answer:
    message = read_message(call.request.body, account.options.templates)
    if not account.recipients.follows(message.touser):
        raise RefusedError(43004)
    return _accept(account, message, call)


def _accept(account: OfficialAccount, message: TemplateMessage, call: Call) -> Answer:
    openid, now = message.touser, call.now
    client_id = "" if message.client_msg_id is None else str(message.client_msg_id)
    earlier = account.repeats.earlier(openid, client_id, now) if client_id else 0
    msgid = earlier or account.numberer.next()
    account.record("template", openid, msgid, now, client_id=client_id, repeat=bool(earlier), answered=call.answered)
    if earlier:
        errcode = account.options.repeat_errcode
        if errcode:  # the ledger has it as a repeat, not as a refusal
            return account.error(RefusedError(errcode), call.request.path, now)
        return answers.sent(msgid)
    if client_id:
        account.repeats.remember(openid, client_id, msgid, now)
    delay = account.options.receipt_delay
    original_id = account.facts.original_id
    account.emit(delay, receipt(original_id, openid, int(now + delay), msgid, account.fates.draw()))
    return answers.sent(msgid)


ROUTES: tuple[Route[OfficialAccount], ...] = (Route("/cgi-bin/message/template/send", "template", send, sends=True),)
