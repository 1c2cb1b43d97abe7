"""The day's quota: what is left of it, and whether the platform counts as we do."""

from collections.abc import Iterator

import httpx

from pushers.quotas.answer import PATH, PATHS, PlatformCount, quota_request, read_quota_answer
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.readings.account_stats import QuotaStat, read_account_stats
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, error, good, note, warning
from runtime.doctor.platform_access import ask, gain_access

SCARCE_SHARE = 0.1
STRANGE_SHARE = 0.05
"""More calls than we made, as a share of the limit: somebody else makes them."""


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
    account: Account, api: str, per_day: int, ours: QuotaStat | None, theirs: PlatformCount | None
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
    if theirs is not None and theirs.limit and theirs.limit < per_day:
        yield warning(
            subject,
            f"the platform allows {theirs.limit:,} {api} calls a day, per_day is {per_day:,}",
            "the quota ends before we expect it to, and pushes are parked then, urgent ones too",
            f"set accounts.limits.{api}.per_day = {theirs.limit}",
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
    if theirs is not None and theirs.limit:
        left = min(left, theirs.limit - theirs.used)
    said = f"{max(0, left):,} of {per_day:,} {api} calls left today"
    if left < per_day * SCARCE_SHARE:
        yield warning(
            subject, said, "pushes are parked until midnight in Beijing", "hold back bulk, or ask the platform for more"
        )
    elif ours is not None or theirs is not None:
        yield good(subject, said)
    if theirs is None:
        looked = "only our own ledger was looked at" if ours is not None else "what is left of it is not known"
        yield note(subject, f"the platform does not tell its {api} quota", looked)


async def _ledger(deployment: Deployment) -> dict[tuple[str, str], QuotaStat]:
    store = deployment.store
    if store is None:
        return {}
    try:
        stats = await read_account_stats(store, deployment.settings.accounts)
    except StoreUnavailableError:
        return {}
    return {(stat.account, stat.api): stat for stat in stats.quotas}


async def _platform_quotas(deployment: Deployment, account: Account) -> dict[str, PlatformCount]:
    """What the platform tells; nothing where it does not, `platform` says why."""
    if account.kind != "official":
        return {}
    told = {}
    try:
        access = await gain_access(deployment, account)
        for api in account.limits.keys() & PATHS.keys() if access.token else ():
            response = await ask(deployment, account, PATH, access.token, quota_request(api))
            if (count := read_quota_answer(response.content)) is not None:
                told[api] = count
    except httpx.HTTPError:
        pass
    return told
