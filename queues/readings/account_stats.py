"""What the metrics show of each account: its quotas and its token, read once a scrape by one process."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from queues import keys
from queues.account import Account, ApiLimit
from queues.connection.facts import server_time
from queues.limits.holds import Hold, read_holds
from queues.limits.platform_day import day_begins, day_of
from queues.scripts import Call
from queues.store import Store

_MOMENT = 1.0


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


async def read_account_stats(
    store: Store, accounts: Sequence[Account], waiting: Iterable[tuple[str, str]] = ()
) -> AccountStats:
    """Read the gauges, two round trips; the day is that of the store's clock in UTC+8, as `lease.lua` has it.

    It reads the ledgers of every API that has a limit, and of those (account, API) that have pushes `waiting`.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    now = await store.call("account_stats", keys.META, server_time)
    day = day_of(now)
    named = set(waiting)
    apis = [
        (account, api)
        for account in accounts
        for api in sorted({*account.limits, *(api for name, api in named if name == account.name)})
    ]
    calls = []
    for account in accounts:
        calls += [_command("HGETALL", keys.holds(account.name)), _command("HGET", keys.token(account.name), "since")]
    calls += [_command("HGET", keys.ledger(account.name, api, day), "spent") for account, api in apis]
    answers = iter(await store.run("account_stats", calls))
    holds: dict[str, list[Hold]] = {}
    tokens = []
    for account in accounts:
        holds[account.name] = read_holds(next(answers), now)
        if since := next(answers):
            tokens.append(TokenStat(account.name, max(0.0, now - int(since) / 1000)))
    quotas = [
        QuotaStat(account.name, api, account.limit(api), int(next(answers) or 0), _held(holds[account.name], api))
        for account, api in apis
    ]
    return AccountStats(
        quotas=quotas,
        stopped=frozenset(name for name, found in holds.items() if any(each.scope == "account" for each in found)),
        tokens=tokens,
        reset_seconds=day_begins(day + 1) - now,
    )


def _command(name: str, key: str, *arguments: str) -> Call:
    return Call(None, (key,), (name, key, *arguments))


def _held(holds: Iterable[Hold], api: str) -> float:
    """How long an API rests; a moment, if it only waits to be tried again."""
    return max((max(each.seconds, _MOMENT) for each in holds if each.holds_api(api)), default=0.0)
