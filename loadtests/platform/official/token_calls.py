"""The token endpoints: `GET /cgi-bin/token` (§3.1) and `POST /cgi-bin/stable_token` (§3.2)."""

from msgspec import Struct

from loadtests.platform import answers
from loadtests.platform.call import Answer, Call, Route, read_body
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.query import parameters
from loadtests.platform.refusal import RefusedError
from loadtests.platform.tokens import Issued


class StableTokenRequest(Struct, frozen=True):
    """The body of stable_token."""

    grant_type: str = ""
    appid: str = ""
    secret: str = ""
    force_refresh: bool = False


def stable_token(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, StableTokenRequest)
    errcode = account.tokens.check_credentials(asked.grant_type, asked.appid, asked.secret)
    return _hand_out(account, errcode or account.tokens.stable(call.now, force=asked.force_refresh))


def classic_token(account: OfficialAccount, call: Call) -> Answer:
    asked = parameters(call.request.query)
    errcode = account.tokens.check_credentials(
        asked.get("grant_type", ""), asked.get("appid", ""), asked.get("secret", "")
    )
    return _hand_out(account, errcode or account.tokens.classic(call.now))


def _hand_out(account: OfficialAccount, issued: Issued | int) -> Answer:
    if isinstance(issued, int):
        raise RefusedError(issued)
    account.ledger.counts["tokens"] += 1
    return answers.token(issued.token, issued.expires_in)


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/token", "token", classic_token, method=b"", token=False),
    Route("/cgi-bin/stable_token", "stable_token", stable_token, token=False),
)
