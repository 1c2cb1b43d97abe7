"""Takes pushes of one account from one shard, and claims them for this process."""

from typing import cast

import trio
from msgspec import Struct

from queues import scripts
from queues.codec import unpack_push
from queues.push import Claim, Push, State
from queues.scripts import Call
from queues.store import Store

MOST = 1_000  # a call; a Lua stack holds 8,000 values


class Dropped(Struct, frozen=True):
    """A push that ended on the way: it had expired or its recipient is suppressed."""

    push: Push
    state: State


class Taken(Struct, frozen=True):
    """What one call took; `emptied` if the account has nothing left in this shard."""

    claims: list[Claim]
    dropped: list[Dropped]
    emptied: bool


async def take(
    store: Store, account: str, shard: int, count: int, claim_seconds: float, *, retain_seconds: float = 604_800
) -> Taken:
    """Take up to `count` (at most `MOST`) pushes, fairly over the account's upstreams and by priority.

    Raises:
        StoreUnavailableError: some may have been claimed; they come back when the claims end.
    """
    keys = store.keys[shard]
    asked = trio.current_time()
    call = Call(
        scripts.load("take"),
        (keys.claims, keys.work, keys.account_work(account), keys.suppressed),
        (keys.prefix, account, min(count, MOST), int(claim_seconds * 1000), int(retain_seconds * 1000)),
    )
    [(emptied, claimed, dropped)] = await store.run("take", [call])
    claims = [
        Claim(
            push=unpack_push(push_id.decode(), queue.decode(), payload),
            number=int(number),
            attempts=int(attempts),
            until=asked + claim_seconds,
        )
        for push_id, number, attempts, queue, payload in _rows(claimed, 5)
    ]
    ended = [
        Dropped(unpack_push(push_id.decode(), queue.decode(), payload), cast("State", state.decode()))
        for push_id, queue, payload, state in _rows(dropped, 4)
    ]
    return Taken(claims, ended, emptied == b"1")


def _rows(flat: list[bytes], width: int) -> list[list[bytes]]:
    return [flat[i : i + width] for i in range(0, len(flat), width)]
