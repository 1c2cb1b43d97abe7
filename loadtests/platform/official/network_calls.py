"""`callback/check`, `getcallbackip` and `get_api_domain_ip` (§4.9)."""

from msgspec import Struct

from loadtests.platform.call import Answer, Call, Route, encode, read_body
from loadtests.platform.official.account import OfficialAccount
from loadtests.platform.refusal import RefusedError

CALLBACK_IPS = ["127.0.0.1", "127.0.0.0/8"]
API_IPS = ["127.0.0.1"]

_ACTIONS = {"dns", "ping", "all"}
_OPERATORS = {"CHINANET", "UNICOM", "CAP", "DEFAULT"}


class Check(Struct, frozen=True):
    """The body of callback/check."""

    action: str = ""
    check_operator: str = "DEFAULT"


def check(account: OfficialAccount, call: Call) -> Answer:
    asked = read_body(call, Check)
    host = account.callback_host
    if not host:
        raise RefusedError(40201)
    if asked.action not in _ACTIONS:
        raise RefusedError(40202)
    if asked.check_operator not in _OPERATORS:
        raise RefusedError(40203)
    told: dict[str, object] = {}
    if asked.action != "ping":
        told["dns"] = [{"ip": host, "real_operator": asked.check_operator}]
    if asked.action != "dns":
        ping = {"ip": host, "from_operator": asked.check_operator, "package_loss": "0%", "time": "1.000ms"}
        told["ping"] = [ping]
    return encode(**told)


def callback_ips(_account: OfficialAccount, _call: Call) -> Answer:
    return encode(ip_list=CALLBACK_IPS)


def api_ips(_account: OfficialAccount, _call: Call) -> Answer:
    return encode(ip_list=API_IPS)


ROUTES: tuple[Route[OfficialAccount], ...] = (
    Route("/cgi-bin/callback/check", "callback_check", check),
    Route("/cgi-bin/getcallbackip", "getcallbackip", callback_ips, method=b"GET"),
    Route("/cgi-bin/get_api_domain_ip", "get_api_domain_ip", api_ips, method=b"GET"),
)
