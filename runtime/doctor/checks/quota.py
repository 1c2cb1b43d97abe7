"""The day's quota: what is left of it, and whether the platform counts as we do."""

from collections.abc import Iterator

import httpx
import msgspec
from msgspec import Struct

from queues.account import Account
from queues.account_stats import QuotaStat, read_account_stats
from queues.errors import StoreUnavailableError
from runtime.doctor.checks.platform import PROBE_PATH
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, error, good, note, warning
from runtime.doctor.platform_access import ask, gain_access

API_PATHS = {
    "template": "/cgi-bin/message/template/send",
    "subscribe": "/cgi-bin/message/subscribe/bizsend",
    "custom": "/cgi-bin/message/custom/send",
    "mass": "/cgi-bin/message/mass/sendall",
    "media": "/cgi-bin/media/upload",
}
SCARCE_SHARE = 0.1
STRANGE_SHARE = 0.05
"""More calls than we made, as a share of the limit: somebody else makes them."""


class PlatformQuota(Struct, frozen=True):
    """The platform's own ledger of one API today."""

    daily_limit: int = 0
    used: int = 0
    remain: int = 0


class _Answer(Struct, frozen=True):
    errcode: int = 0
    quota: PlatformQuota = PlatformQuota()


async def examine(deployment: Deployment) -> list[Finding]:
    ours = await _ledger(deployment)
    findings: list[Finding] = []
    for account in deployment.settings.accounts:
        theirs = await _platform_quotas(deployment, account)
        for api, limit in account.limits.items():
            if limit.per_day:
                findings += judge(account, api, limit.per_day, ours.get((account.name, api)), theirs.get(api))
    return findings


def judge(
    account: Account, api: str, per_day: int, ours: QuotaStat | None, theirs: PlatformQuota | None
) -> Iterator[Finding]:
    """One API of one account; None for a ledger that could not be read."""
    subject = f"account {account.name}"
    if ours is not None and ours.held:
        yield error(
            subject,
            f"{api} is held back: its quota is used up, or the account is stopped",
            "its pushes wait until the quota resets or the account is tried again",
            "the logs say which, and why",
        )
    if theirs is not None and theirs.daily_limit and theirs.daily_limit < per_day:
        yield warning(
            subject,
            f"the platform allows {theirs.daily_limit:,} {api} calls a day, per_day is {per_day:,}",
            "the quota ends before we expect it to, and pushes are parked then, urgent ones too",
            f"set accounts.limits.{api}.per_day = {theirs.daily_limit}",
        )
    spent = ours.spent if ours is not None else 0
    if ours is not None and theirs is not None and theirs.used - spent > per_day * STRANGE_SHARE:
        yield warning(
            subject,
            f"the platform counted {theirs.used:,} {api} calls today, we made {spent:,}",
            "another program spends this account's quota",
            "lower per_day by what it needs, or let it send through Tidegate",
        )
    left = per_day - spent
    if theirs is not None and theirs.daily_limit:
        left = min(left, theirs.remain)
    said = f"{max(0, left):,} of {per_day:,} {api} calls left today"
    if left < per_day * SCARCE_SHARE:
        yield warning(
            subject, said, "pushes are parked until midnight in Beijing", "hold back bulk, or ask the platform for more"
        )
    elif ours is not None or theirs is not None:
        yield good(subject, said)
    if theirs is None:
        yield note(subject, f"the platform does not tell its {api} quota", "only our own ledger was looked at")


async def _ledger(deployment: Deployment) -> dict[tuple[str, str], QuotaStat]:
    store = deployment.store
    if store is None:
        return {}
    try:
        stats = await read_account_stats(store, deployment.settings.accounts)
    except StoreUnavailableError:
        return {}
    return {(stat.account, stat.api): stat for stat in stats.quotas}


async def _platform_quotas(deployment: Deployment, account: Account) -> dict[str, PlatformQuota]:
    """What the platform tells; nothing where it does not, `platform` says why."""
    if account.kind != "official":
        return {}
    told = {}
    try:
        access = await gain_access(deployment, account)
        for api in account.limits.keys() & API_PATHS.keys() if access.token else ():
            response = await ask(deployment, account, PROBE_PATH, access.token, {"cgi_path": API_PATHS[api]})
            answer = msgspec.json.decode(response.content, type=_Answer)
            if not answer.errcode:
                told[api] = answer.quota
    except (httpx.HTTPError, msgspec.MsgspecError):
        pass
    return told
