"""Appends pushes: all of a shard's in one atomic step, on disk before the caller goes on.

How it works: a push with an idempotency key first asks the key's own shard which id it has (`reserve_ids`), then every
push is created under its id in the id's shard (`append_pushes`), which does nothing for an id that exists. A crash
between the two leaves a key bound to an id without a job; the upstream's repeat is given that id and creates it.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

import trio

from queues import scripts
from queues.codec import idempotency_digest, pack_push, recipient_digest
from queues.group_commit import GroupCommit
from queues.ids import IdSeries, make_id, shard_of_id
from queues.keys import IDEMPOTENCY_WINDOW_SECONDS, WAKE_CHANNEL, queue_name
from queues.push import Accepted, NewPush
from queues.store import Store

# Memory: at most (LARGEST_BATCH + MOST_WAITING) pushes of at most 16 KiB, and one request of 10,000 beyond.
LARGEST_BATCH = 2_000
MOST_WAITING = 20_000
PATIENCE_SECONDS = 4.0

Place = tuple[int, str]
"""A shard, and an id in it."""

_Common = tuple[str, int, int, str]
"""What most pushes of a batch share, so that it is said once: queue, send and expire time in ms, and flags."""


class PushAppender:
    """Where the push interface leaves its pushes; `run` must be running."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reserve = scripts.load("reserve_ids")
        self._append = scripts.load("append_pushes")
        self._group: GroupCommit[Sequence[NewPush], list[Accepted]] = GroupCommit(
            "push", self._write, largest=LARGEST_BATCH, most_waiting=MOST_WAITING, patience=PATIENCE_SECONDS
        )

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        await self._group.run(task_status=task_status)

    async def append(self, pushes: Sequence[NewPush]) -> list[Accepted]:
        """Append the pushes of one request; what became of each, in order.

        Raises:
            StoreUnavailableError: some or all may not be on disk; repeating is safe for those with a key.
        """
        return await self._group.submit(pushes, len(pushes)) if pushes else []

    async def _write(self, requests: list[Sequence[NewPush]]) -> list[list[Accepted]]:
        pushes = list(chain.from_iterable(requests))
        proposed = self._propose(pushes)
        places = await self._reserved(pushes, proposed)
        marks = await self._appended(pushes, places)
        accepted = iter(map(_accepted, pushes, proposed, places, marks))
        return [[next(accepted) for _ in request] for request in requests]

    def _propose(self, pushes: list[NewPush]) -> list[Place]:
        fresh = IdSeries()
        places = []
        for position, push in enumerate(pushes):
            shard = self._store.shard_of(push.account, push.recipient)
            number = push.id_number
            push_id = make_id(shard, push.accepted_at, number) if number else fresh.id(shard, position)
            places.append((shard, push_id))
        return places

    async def _reserved(self, pushes: list[NewPush], proposed: list[Place]) -> list[Place]:
        """The place of each push: the proposed one, or where its idempotency key is bound to."""
        by_shard: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for position, push in enumerate(pushes):
            if push.idempotency_key:
                digest = idempotency_digest(push.upstream, push.idempotency_key)
                by_shard[digest[0] % self._store.shards].append((position, digest))
        if not by_shard:
            return proposed
        calls = []
        for shard, keyed in by_shard.items():
            pairs = chain.from_iterable((digest, proposed[position][1]) for position, digest in keyed)
            keys = self._store.keys[shard].idempotency
            calls.append(scripts.Call(self._reserve, keys, [IDEMPOTENCY_WINDOW_SECONDS, *pairs]))
        places = list(proposed)
        for keyed, bound in zip(by_shard.values(), await self._store.run("reserve_ids", calls), strict=True):
            for (position, _), push_id in zip(keyed, bound, strict=True):
                places[position] = (shard_of_id(push_id.decode()), push_id.decode())
        return places

    async def _appended(self, pushes: list[NewPush], places: list[Place]) -> list[str]:
        """What became of each push, as append_pushes.lua marks it."""
        groups: dict[tuple[int, _Common], list[int]] = defaultdict(list)
        for position, (push, (shard, _)) in enumerate(zip(pushes, places, strict=True)):
            groups[shard, _in_common(push)].append(position)
        calls: dict[int, list[object]] = {}
        in_order: dict[int, list[int]] = defaultdict(list)
        for (shard, common), positions in groups.items():
            words = calls.setdefault(shard, [self._store.keys[shard].prefix, WAKE_CHANNEL, shard])
            in_order[shard] += positions
            words += (*common, len(positions))
            for position in positions:
                push = pushes[position]
                words += (places[position][1], recipient_digest(push.account, push.recipient), pack_push(push))
        keys = self._store.keys
        made = [
            scripts.Call(self._append, (keys[shard].later, keys[shard].expiring), words)
            for shard, words in calls.items()
        ]
        marks = [""] * len(pushes)
        results = await self._store.commit("append_pushes", made)
        for positions, result in zip(in_order.values(), results, strict=True):
            for position, mark in zip(positions, result.decode(), strict=True):
                marks[position] = mark
        return marks


def _in_common(push: NewPush) -> _Common:
    queue = queue_name(push.account, push.channel, push.upstream, push.priority)
    return queue, int(push.send_at * 1000), int(push.expire_at * 1000), _flags(push)


def _flags(push: NewPush) -> str:
    """As `finishing.lua` reads them."""
    return ("k" if push.idempotency_key or push.id_number else "") + ("w" if push.notify else "")


def _accepted(push: NewPush, proposed: Place, place: Place, mark: str) -> Accepted:
    push_id = place[1]
    if mark == "d" and place != proposed:
        return Accepted(push_id, "duplicate")
    # A mark `d` under the id we proposed: this call was made before and its answer was lost, or its whole request was
    # made before and has come again. Either way the first result is the result.
    scheduled = mark == "s" or (mark == "d" and push.send_at > push.accepted_at)
    return Accepted(push_id, "scheduled" if scheduled else "queued", repeated=mark == "d" and bool(push.id_number))
