"""Leases of an account's rate, and the two ways to hold it back: parked until a quota resets, stopped until mended.

How it works: GCRA in a script on the store's clock. A lease is a slice of the rate: up to `SLICE_SECONDS` worth of
tokens, taken before they are used, valid for `VALID_SECONDS` and void afterwards. So a worker that dies or freezes
makes us send too little for a moment, never too much.

The interval between tokens is a little longer than 1 / rate, so that no window of one second ever sees more than the
rate: see `interval_us`.
"""

from typing import Literal, cast

from msgspec import Struct

from queues import keys, scripts
from queues.account import ApiLimit
from queues.scripts import Call
from queues.store import Store

SLICE_SECONDS = 0.02
VALID_SECONDS = 0.03


class Lease(Struct, frozen=True, kw_only=True):
    """Tokens to send with within `valid_seconds`; none: ask again in `wait_seconds`.

    `day` is the day they are booked on (days since the epoch, UTC+8). `state` says why there are none; `reason` is the
    error that stopped the account.
    """

    granted: int
    wait_seconds: float
    state: Literal["granted", "rate", "quota", "parked", "stopped"]
    day: int
    reason: str
    valid_seconds: float = VALID_SECONDS


def slice_size(per_second: float) -> int:
    """The most tokens one lease can hold."""
    return max(1, int(per_second * SLICE_SECONDS))


def interval_us(per_second: float) -> float:
    """Microseconds between tokens, such that no half-open window of one second sees more than `per_second` sends.

    A token is used up to `VALID_SECONDS` (v) after it was granted, so the sends of one second were granted within
    1 + v seconds. GCRA with slices of n tokens an interval T apart grants at most ceil((1 + v) / T) + n - 1 in that
    time. That is no more than the rate r for T = (1 + v) / (r - n + 1).
    """
    if per_second <= 0:
        return 0
    if per_second < 1:
        return 1e6 / per_second
    return 1e6 * (1 + VALID_SECONDS) / (int(per_second) - slice_size(per_second) + 1)


async def lease(
    store: Store, account: str, api: str, limit: ApiLimit, wanted: int, *, returned: int = 0, returned_day: int = 0
) -> Lease:
    """Lease up to `wanted` tokens of one API's rate and daily quota.

    `returned` tokens of earlier leases, booked on `returned_day`, were not used and go back into that day's ledger (not
    into the rate: the moment has passed).

    Raises:
        StoreUnavailableError: some may have been leased; they expire unused.
    """
    call = Call(
        scripts.load("lease"),
        (keys.rate(account, api), keys.parked(account, api), keys.stopped(account)),
        (
            wanted,
            f"{interval_us(limit.per_second):.3f}",
            slice_size(limit.per_second),
            limit.per_day,
            keys.quota(account, api),
            returned,
            returned_day,
        ),
    )
    [(granted, wait_ms, state, day, reason)] = await store.run("lease", [call])
    return Lease(
        granted=granted,
        wait_seconds=wait_ms / 1000,
        state=cast("Literal['granted', 'rate', 'quota', 'parked', 'stopped']", state.decode()),
        day=day,
        reason=(reason or b"").decode(),
    )


async def park(store: Store, account: str, api: str, seconds: float) -> None:
    """Grant nothing on one API until then: its quota is used up.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    await _hold(store, "park", keys.parked(account, api), "quota", seconds)


async def stop_account(store: Store, account: str, reason: str, seconds: float) -> None:
    """Grant nothing to the account until then: it is misconfigured or refused, for the reason given.

    Raises:
        StoreUnavailableError: repeating is safe.
    """
    await _hold(store, "stop_account", keys.stopped(account), reason, seconds)


async def _hold(store: Store, operation: str, key: str, reason: str, seconds: float) -> None:
    await store.run(operation, [Call(None, (), ("SET", key, reason, "PX", max(1, int(seconds * 1000))))])
