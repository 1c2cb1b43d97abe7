"""What of an account rests: the whole account, one API, or one template; for all processes alike.

How it works: a hold does not simply end with its time. Then one push may be tried (a probe); its success ends the hold,
its failure prolongs it. So a quota that is still used up, or an account that is still misconfigured, costs one refused
send a time. The leases say what is held (`queues.limits.rate`); nothing is held back anywhere else.
"""

import re
from collections.abc import Mapping
from typing import Literal, cast

from msgspec import Struct

from queues import keys, scripts
from queues.push import WEBHOOK
from queues.scripts import Call
from queues.store import Store

HoldKind = Literal["parked", "stopped"]
"""`parked`: a quota is used up. `stopped`: a person must act."""

ACCOUNT = "*"
_VALUE = re.compile(r"(\d+) \d+ \d (parked|stopped) (.*)", re.DOTALL | re.ASCII)  # as holding.lua writes it


class Hold(Struct, frozen=True, kw_only=True):
    """One thing that rests: the account, an API of it, or a template there. `seconds` are left; 0: it may be tried."""

    scope: Literal["account", "api", "template"]
    api: str = ""
    template: str = ""
    kind: HoldKind
    reason: str
    seconds: float

    def holds_api(self, api: str) -> bool:
        """Whether nothing goes out through that API."""
        return (self.scope == "account" and api != WEBHOOK) or (self.scope == "api" and self.api == api)

    def holds(self, api: str, template: str) -> bool:
        """Whether no push of that template goes out through that API."""
        return self.holds_api(api) or (self.scope == "template" and (self.api, self.template) == (api, template))


def api_field(api: str) -> str:
    return f"api:{api}"


def fields_over(api: str) -> tuple[str, ...]:
    """What holds an API back: itself, and the account where the API is the platform's."""
    return (api_field(api),) if api == WEBHOOK else (api_field(api), ACCOUNT)


def template_field(api: str, template: str) -> str:
    """A template rests in the API that refused it: no other has a push to try it with."""
    return f"template:{api}:{template}"


async def hold(
    store: Store, account: str, field: str, kind: HoldKind, reason: str, seconds: float, *, longest: float = 0
) -> tuple[float, bool]:
    """Hold `field` (`ACCOUNT`, `api_field`, `template_field`); for how long it is held now, and if that is news.

    Each time it is tried again in vain it rests twice as long, up to `longest`.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    arguments = (field, max(1, int(seconds * 1000)), int(longest * 1000), kind, reason)
    [(ms, new)] = await store.run("hold", [Call(scripts.load("hold"), (keys.holds(account),), arguments)])
    return ms / 1000, bool(new)


async def park(store: Store, account: str, api: str, seconds: float, reason: str = "quota") -> None:
    """Hold one API: its quota is used up.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    await hold(store, account, api_field(api), "parked", reason, seconds)


async def stop_account(store: Store, account: str, reason: str, seconds: float) -> bool:
    """Hold the account: it is misconfigured or refused, for the reason given; whether that is news.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    _, news = await hold(store, account, ACCOUNT, "stopped", reason, seconds)
    return news


async def try_hold(store: Store, account: str, api: str) -> bool:
    """Let an API that is parked be tried at once, with one push; False if it is not parked.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(scripts.load("try_hold"), (keys.holds(account),), (api_field(api),))
    [parked] = await store.run("try_hold", [call])
    return bool(parked)


async def resume(store: Store, account: str, *fields: str) -> int:
    """End holds, all of the account's if none is named; how many there were.

    All includes the wait for a next token after one was refused: without one nothing would go on.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    key = keys.holds(account)
    if fields:
        [ended] = await store.run("resume", [Call(None, (key,), ("HDEL", key, *fields))])
        return int(ended)
    commands = [("HLEN", key), ("DEL", key), ("HDEL", keys.token(account), "lease")]
    [ended, *_] = await store.run("resume", [Call(None, (key,), command) for command in commands])
    return int(ended)


def read_holds(fields: Mapping[bytes, bytes], now: float) -> list[Hold]:
    """The holds in a reply to HGETALL; `now` is the store's clock, seconds since the epoch.

    Without those of another form, which a probe ends.
    """
    found = []
    for field, value in fields.items():
        held = _VALUE.fullmatch(value.decode(errors="replace"))
        if held is None:
            continue
        until, kind, reason = held.groups()
        scope, api, template = (*field.decode(errors="replace").split(":", 2), "", "")[:3]
        found.append(
            Hold(
                scope=cast("Literal['account', 'api', 'template']", "account" if scope == ACCOUNT else scope),
                api=api,
                template=template,
                kind=cast("HoldKind", kind),
                reason=reason,
                seconds=max(0.0, int(until) / 1000 - now),
            )
        )
    return found
