"""Pushes that were given up: found by a filter, page by page, and replayed.

How it works: each shard keeps its own by time. A page asks every shard for as many as it may hold and merges them; a
shard stops looking after a while (the filter may let nothing through), and then the page ends where the first of them
stopped, so that nothing is passed over. A place in the listing is a time and an id, and stays good whatever happens.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import msgpack
from msgspec import Struct

from queues import scripts
from queues.ids import shard_of_id
from queues.keys import WAKE_CHANNEL
from queues.push import PushStatus
from queues.pushes.jobs import read_statuses
from queues.scripts import Call
from queues.store import Store

MOST_A_PAGE = 500
_SEEN_A_SHARD = 2_000  # jobs looked at in one call: about 4 ms of the store
_LATEST = 2**53
_CURSOR = re.compile(r"(\d{1,16})-([0-9A-Za-z-]{1,64})")


class DeadFilter(Struct, frozen=True, kw_only=True):
    """Which dead pushes; empty and 0 stand for any.

    `error` is an errcode in digits or a part of the error's text; `after` and `before` are seconds since the epoch.
    """

    upstream: str = ""
    accounts: tuple[str, ...] = ()
    error: str = ""
    after: float = 0
    before: float = 0


class DeadPage(Struct, frozen=True):
    """Dead pushes, newest first; `next` leads to the page after this, empty at the end. A page may be short."""

    pushes: list[PushStatus]
    next: str


class _Place(NamedTuple):
    """Where a listing stands: the time (ms) and id of the last push it has passed."""

    time: int
    id: str


class BadCursorError(ValueError):
    """The text is not a `next` of an earlier page."""


async def list_dead(store: Store, wanted: DeadFilter, cursor: str = "", limit: int = MOST_A_PAGE) -> DeadPage:
    """One page of the dead pushes that the filter lets through.

    Raises:
        BadCursorError: `cursor` is not a page's `next`.
        StoreUnavailableError: the store did not answer; repeating is safe.
    """
    found, following = await _find(store, wanted, cursor, min(limit, MOST_A_PAGE))
    statuses = await read_statuses(store, found)
    return DeadPage([status for status in statuses if status and status.state == "dead"], following)


async def replay_dead(store: Store, push_ids: Sequence[str], *, per_second: float) -> int:
    """Put these (ids of this store) back for another try, at most `per_second` of an account; how many were dead.

    Raises:
        StoreUnavailableError: some may be replayed; repeating is safe, and counts only the others.
    """
    by_shard: dict[int, list[str]] = defaultdict(list)
    for push_id in push_ids:
        by_shard[shard_of_id(push_id)].append(push_id)
    interval_ms = 1000 * store.shards / per_second  # each shard keeps its share of the pace
    calls = []
    for shard, ids in by_shard.items():
        keys = store.keys[shard]
        arguments = (keys.prefix, WAKE_CHANNEL, shard, f"{interval_ms:.3f}", *ids)
        calls.append(Call(scripts.load("replay_dead"), (keys.dead, keys.later, keys.expiring), arguments))
    return sum(marks.count(b"1") for marks in await store.commit("replay_dead", calls))


async def replay_matching(store: Store, wanted: DeadFilter, cursor: str, *, per_second: float) -> tuple[int, str]:
    """Replay one page of what the filter lets through; how many, and where to go on, empty at the end.

    Raises:
        BadCursorError: `cursor` is not where an earlier call said to go on.
        StoreUnavailableError: some may be replayed; repeating is safe.
    """
    found, following = await _find(store, wanted, cursor, MOST_A_PAGE)
    return await replay_dead(store, found, per_second=per_second), following


async def _find(store: Store, wanted: DeadFilter, cursor: str, limit: int) -> tuple[list[str], str]:
    start = _start(wanted, cursor)
    packed = msgpack.packb((wanted.upstream, wanted.accounts, wanted.error))
    oldest = int(wanted.after * 1000)
    calls = [
        Call(
            scripts.load("list_dead"),
            (keys.dead,),
            (keys.prefix, start.time, oldest, start.id, limit, _SEEN_A_SHARD, packed),
        )
        for keys in store.keys
    ]
    stops: list[_Place] = []
    found: list[_Place] = []
    for time, push_id, flat in await store.run("list_dead", calls):
        if push_id:
            stops.append(_Place(int(time), push_id.decode()))
        found += [_Place(int(flat[i]), flat[i + 1].decode()) for i in range(0, len(flat), 2)]
    # Newest first; beyond the newest stop a shard may have more that comes before what others have found.
    horizon = max(stops, default=_Place(0, ""))
    page = sorted((place for place in found if place >= horizon), reverse=True)
    if len(page) > limit:
        page = page[:limit]
        horizon = page[-1]
    return [place.id for place in page], f"{horizon.time}-{horizon.id}" if horizon.id else ""


def _start(wanted: DeadFilter, cursor: str) -> _Place:
    newest = int(wanted.before * 1000) if wanted.before else _LATEST
    if not cursor:
        return _Place(newest, "")
    place = _CURSOR.fullmatch(cursor)
    if place is None:
        raise BadCursorError("not the next of an earlier page")
    return _Place(int(place[1]), place[2])
