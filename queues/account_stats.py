"""What the metrics show of each account: its quotas and its token, read once a scrape by one process."""

from collections.abc import Iterable, Sequence
from typing import cast

from msgspec import Struct
from redis import Redis

from queues import keys
from queues.account import Account, ApiLimit

_DAY_SECONDS = 86_400
_UTC_PLUS_8 = 28_800


class QuotaStat(Struct, frozen=True):
    """The day's ledger of one API; `held_seconds` until an API that is parked, or whose account is stopped, goes on."""

    account: str
    api: str
    limit: ApiLimit
    spent: int
    held_seconds: float

    @property
    def held(self) -> bool:
        return self.held_seconds > 0


class TokenStat(Struct, frozen=True):
    """How long ago the account's access token was fetched."""

    account: str
    age_seconds: float


class AccountStats(Struct, frozen=True):
    """The APIs asked for, the accounts that are stopped, and those that have a token; when the day (UTC+8) ends."""

    quotas: list[QuotaStat]
    stopped: frozenset[str]
    tokens: list[TokenStat]
    reset_seconds: float


def read_account_stats(
    client: Redis, accounts: Sequence[Account], waiting: Iterable[tuple[str, str]] = ()
) -> AccountStats:
    """Read the gauges, two round trips; the day is that of the store's clock in UTC+8, as `lease.lua` has it.

    It reads the ledgers of every API that has a limit, and of those (account, API) that have pushes `waiting`.

    Raises:
        redis.RedisError: the store did not answer.
    """
    seconds, microseconds = client.time()
    now = seconds + microseconds / 1e6
    day = (seconds + _UTC_PLUS_8) // _DAY_SECONDS
    named = set(waiting)
    apis = [
        (account, api)
        for account in accounts
        for api in sorted({*account.limits, *(api for name, api in named if name == account.name)})
    ]
    pipeline = client.pipeline(transaction=False)
    for account in accounts:
        pipeline.pttl(keys.stopped(account.name))
        pipeline.hget(keys.token(account.name), "since")
    for account, api in apis:
        pipeline.hget(f"{keys.quota(account.name, api)}{day}", "spent")
        pipeline.pttl(keys.parked(account.name, api))
    answers = iter(cast("list[bytes | int | None]", pipeline.execute()))
    stopped: dict[str, float] = {}
    tokens = []
    for account in accounts:
        stopped[account.name] = max(0, int(next(answers) or 0)) / 1000
        if since := next(answers):
            tokens.append(TokenStat(account.name, max(0.0, now - int(since) / 1000)))
    quotas = []
    for account, api in apis:
        spent, parked_ms = int(next(answers) or 0), max(0, int(next(answers) or 0))
        held = max(parked_ms / 1000, stopped[account.name])
        quotas.append(QuotaStat(account.name, api, account.limit(api), spent, held))
    return AccountStats(
        quotas=quotas,
        stopped=frozenset(name for name, left in stopped.items() if left),
        tokens=tokens,
        reset_seconds=_DAY_SECONDS - (now + _UTC_PLUS_8) % _DAY_SECONDS,
    )
