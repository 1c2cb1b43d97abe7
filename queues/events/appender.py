"""Appends callback events: dedup and append in one atomic step, on disk before the caller goes on."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import trio

from queues import scripts
from queues.codec import pack_event
from queues.connection.connector import SOCKET_SECONDS
from queues.errors import StoreUnavailableError
from queues.event import CallbackEvent
from queues.group_commit import GroupCommit, Observe, unobserved
from queues.keys import SEEN_WINDOW_SECONDS, WAKE_CHANNEL
from queues.store import Store

# Memory: at most (LARGEST_BATCH + MOST_WAITING) × max_body_bytes, and a body is small in practice (300 to 600 bytes).
LARGEST_BATCH = 1_024
MOST_WAITING = 16_384

ANSWER_SECONDS = 4.5
"""The longest until `told` is called: the platform hangs up at 5 s, and half a second is for the way there and back."""
_PATIENCE_SECONDS = ANSWER_SECONDS - SOCKET_SECONDS


class EventAppender:
    """Where the gateway's callback handlers leave their events; `run` must be running.

    `after` is called whenever some were told what became of theirs; `observe` is told of each batch that begins.
    """

    def __init__(
        self, store: Store, *, after: Callable[[], None] = lambda: None, observe: Observe = unobserved
    ) -> None:
        self._store = store
        self._script = scripts.load("append_events")
        self._group: GroupCommit[CallbackEvent, bool] = GroupCommit(
            "event",
            self._write,
            largest=LARGEST_BATCH,
            most_waiting=MOST_WAITING,
            patience=_PATIENCE_SECONDS,
            after=after,
            observe=observe,
        )

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        await self._group.run(task_status=task_status)

    def hand_in(self, event: CallbackEvent, told: Callable[[bool | StoreUnavailableError], None]) -> None:
        """Append an event; within `ANSWER_SECONDS` call `told`: True if it is new, False if it was seen before.

        Either way it is on disk then. An error says that it may not be, and that repeating it is safe.

        Raises:
            StoreUnavailableError: it will not be appended, and `told` not be called.
        """
        self._group.hand_in(event, told)

    async def _write(self, events: list[CallbackEvent]) -> Sequence[bool]:
        store = self._store
        by_shard: dict[int, list[int]] = defaultdict(list)
        for position, event in enumerate(events):
            by_shard[store.shard_of(event.account, event.addressee)].append(position)
        calls = []
        for shard, positions in by_shard.items():
            keys = store.keys[shard]
            arguments: list[object] = [SEEN_WINDOW_SECONDS, WAKE_CHANNEL, shard]
            for position in positions:
                arguments += (events[position].identity, pack_event(events[position]))
            calls.append(scripts.Call(self._script, (keys.events, keys.seen_since, *keys.seen), arguments))
        fresh = [False] * len(events)
        for positions, marks in zip(by_shard.values(), await store.commit("append_events", calls), strict=True):
            for position, mark in zip(positions, marks, strict=True):
                fresh[position] = mark == ord("1")
        return fresh
