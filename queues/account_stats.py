"""What the metrics show of each account: its quotas and its token, read once a scrape by one process."""

from collections.abc import Sequence
from typing import cast

from msgspec import Struct
from redis import Redis

from queues import keys
from queues.account import Account

_DAY_SECONDS = 86_400
_UTC_PLUS_8 = 28_800


class QuotaStat(Struct, frozen=True):
    """The day's ledger of one API; `held` while the API is parked or the account stopped."""

    account: str
    api: str
    limit: int
    spent: int
    held: bool


class TokenStat(Struct, frozen=True):
    """How long ago the account's access token was fetched."""

    account: str
    age_seconds: float


class AccountStats(Struct, frozen=True):
    """Every API that has a limit, and every account that has a token."""

    quotas: list[QuotaStat]
    tokens: list[TokenStat]


def read_account_stats(client: Redis, accounts: Sequence[Account]) -> AccountStats:
    """Read the gauges, two round trips; the day is that of the store's clock in UTC+8, as `lease.lua` has it.

    Raises:
        redis.RedisError: the store did not answer.
    """
    seconds, microseconds = client.time()
    now = seconds + microseconds / 1e6
    day = (seconds + _UTC_PLUS_8) // _DAY_SECONDS
    apis = [(account.name, api, limit.per_day) for account in accounts for api, limit in account.limits.items()]
    pipeline = client.pipeline(transaction=False)
    for account, api, _ in apis:
        pipeline.hget(f"{keys.quota(account, api)}{day}", "spent")
        pipeline.exists(keys.parked(account, api))
        pipeline.exists(keys.stopped(account))
    for each in accounts:
        pipeline.hget(keys.token(each.name), "since")
    answers = iter(cast("list[bytes | int | None]", pipeline.execute()))
    quotas = [
        QuotaStat(account, api, limit, int(next(answers) or 0), bool(int(next(answers) or 0) + int(next(answers) or 0)))
        for account, api, limit in apis
    ]
    fetched = [(account.name, next(answers)) for account in accounts]
    tokens = [TokenStat(name, max(0.0, now - int(since) / 1000)) for name, since in fetched if since]
    return AccountStats(quotas, tokens)
