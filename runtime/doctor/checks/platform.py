"""The platform as each account meets it: may this machine call, is the token good, and are the clocks together."""

import re
from collections.abc import Iterator

import httpx

from pushers.errcodes import TABLES, UNKNOWN
from pushers.quotas.answer import PATH, quota_request
from pushers.verdict import error_text, read_answer
from queues.account import Account
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, error, good, warning
from runtime.doctor.platform_access import Access, ask, clock_ahead, gain_access

SKEW_SECONDS = 60.0
WECOM_PROBE_PATH = "/cgi-bin/get_api_domain_ip"

_REMEDIES = {
    40001: "set the app_secret that the platform's console shows now",
    40013: "set the app_id that the platform's console shows",
    40125: "set the app_secret that the platform's console shows now",
    40164: "add this machine's public address to the IP allow-list in the platform's console",
    40243: "the app secret is frozen: unfreeze it in the platform's console",
    50002: "the account is frozen: ask the platform",
}


async def examine(deployment: Deployment) -> list[Finding]:
    findings: list[Finding] = []
    for account in deployment.settings.accounts:
        try:
            findings += await _account(deployment, account)
        except httpx.HTTPError as trouble:
            findings.append(unreachable(account, f"{type(trouble).__name__}: {trouble}"))
    return findings


async def _account(deployment: Deployment, account: Account) -> list[Finding]:
    access = await gain_access(deployment, account)
    if not access.token:
        return [*judge_refusal(account, access.refusal), *judge_clock(account, access.clock_ahead)]
    if account.kind == "wecom":
        response = await ask(deployment, account, WECOM_PROBE_PATH, access.token)
    else:
        # A call with no effect that every account may make; the check of quotas asks it for its answer.
        response = await ask(deployment, account, PATH, access.token, quota_request("template"))
    return [*judge_token_use(account, access, response.content), *judge_clock(account, clock_ahead(response))]


def unreachable(account: Account, reason: str) -> Finding:
    return error(
        f"account {account.name}",
        f"{account.api_base} cannot be reached: {reason}",
        "nothing is sent; pushes wait in their queues",
        "look at the name's resolution, the route and the firewall on the way out",
    )


def judge_refusal(account: Account, refusal: str) -> Iterator[Finding]:
    """The token endpoint gave none."""
    found = re.search(r"errcode (-?\d+)", refusal)
    yield error(
        f"account {account.name}",
        f"the platform gives no access token: {refusal}",
        "nothing is sent for this account; pushes wait in their queues",
        _REMEDIES.get(int(found[1]), "look the code up in docs/errcodes.md") if found else "try again later",
    )


def judge_token_use(account: Account, access: Access, body: bytes) -> Iterator[Finding]:
    """What the platform says to a call with the token."""
    subject = f"account {account.name}"
    whose = "the stored access token" if access.stored else "a fresh access token"
    answer = read_answer(body)
    if answer is None or answer.errcode is None:
        yield warning(subject, "the platform's answer cannot be read", "sends may fail too", "try again")
    elif TABLES[account.kind].get(answer.errcode, UNKNOWN).kind == "token" and answer.errcode:
        yield error(
            subject,
            f"{whose} is refused: {error_text(answer.errcode, answer.errmsg)}",
            "each send costs two calls, and the account may run out of forced refreshes (20 a day)",
            "find the other program that fetches tokens of this account: it must use stable_token, or none at all"
            if account.kind == "official"
            else "compare app_secret with the app's in the console: the token may be another app's",
        )
    else:
        yield good(subject, f"{whose} is good")


def judge_clock(account: Account, ahead: float | None) -> Iterator[Finding]:
    """A callback's timestamp is compared with our clock."""
    if ahead is not None and abs(ahead) > SKEW_SECONDS:
        yield error(
            f"account {account.name}",
            f"the platform's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's",
            "callbacks are refused as replays once it is more than server.freshness_seconds",
            "run a time service here",
        )
