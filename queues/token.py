"""Access tokens, shared by all processes: who may refresh, and what the current one is."""

from typing import cast

from msgspec import Struct
from redis import Redis

from queues import keys, scripts
from queues.scripts import Call
from queues.store import Store


class TokenState(Struct, frozen=True, kw_only=True):
    """The current token ('' if there is none) and the seconds it still has.

    `refresh` is true for the one caller that must refresh it now; the others may ask again in `retry_in` seconds.
    """

    token: str
    expires_in: float
    refresh: bool
    retry_in: float


async def ask_token(
    store: Store, account: str, *, caller: str, failed: str = "", ahead_seconds: float, lease_seconds: float
) -> TokenState:
    """The account's token; hands the refresh to one caller when less than `ahead_seconds` are left.

    `failed` is a token that the platform refused: it is expired only if it is still the current one. Another caller
    gets the refresh when the lease ends; `keep_refresh` extends it.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(
        scripts.load("ask_token"),
        (keys.token(account),),
        (failed, int(ahead_seconds * 1000), int(lease_seconds * 1000), caller),
    )
    [(token, left_ms, refresh, retry_ms)] = await store.run("ask_token", [call])
    return TokenState(token=token.decode(), expires_in=left_ms / 1000, refresh=bool(refresh), retry_in=retry_ms / 1000)


async def keep_refresh(store: Store, account: str, *, caller: str, lease_seconds: float) -> bool:
    """The caller is still refreshing; False if the refresh is another's by now.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(scripts.load("keep_refresh"), (keys.token(account),), (caller, int(lease_seconds * 1000)))
    [kept] = await store.run("keep_refresh", [call])
    return bool(kept)


async def bring_credentials(store: Store, account: str, credentials: bytes) -> bool:
    """Tell that a process has started with these (a digest); True if others were used last, and their stop is over.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(scripts.load("bring_credentials"), (keys.token(account), keys.holds(account)), (credentials,))
    [changed] = await store.run("bring_credentials", [call])
    return bool(changed)


async def publish_token(store: Store, account: str, token: str, expires_in: float, *, caller: str) -> bool:
    """Make a fresh token the current one, for `expires_in` seconds, and end the caller's refresh lease.

    False if that is another's by now, whose token is the newer one: then nothing changes.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(scripts.load("publish_token"), (keys.token(account),), (token, int(expires_in * 1000), caller))
    [published] = await store.run("publish_token", [call])
    return bool(published)


async def postpone_refresh(store: Store, account: str, seconds: float, *, caller: str) -> None:
    """Let no process refresh for that long, after the caller's refresh failed; nothing if that is another's by now.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    call = Call(scripts.load("postpone_refresh"), (keys.token(account),), (int(seconds * 1000), caller))
    await store.run("postpone_refresh", [call])


async def stored_token(store: Store, account: str) -> str:
    """The current token, or '' if there is none; asks for no refresh.

    Raises:
        StoreUnavailableError: repeating is safe.
    """

    def read(client: Redis) -> str:
        token = cast("bytes | None", client.hget(keys.token(account), "token"))
        return token.decode() if token else ""

    return await store.call("stored_token", keys.token(account), read)
