"""Webhooks that upstreams are owed: written where a push ends, in the same step, and kept until they are delivered.

A hook is `<push id> <state> <when it ended, ms>`. It stands in its upstream's queue by when it is due, in the push's
shard; what it says is read from the job, which is kept longer than a webhook is tried.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from msgspec import Struct

from queues import scripts
from queues.ids import shard_of_id
from queues.push import State
from queues.scripts import Call
from queues.store import Store


class Hook(Struct, frozen=True):
    """A webhook owed for the state in which a push ended; `tries` were made before."""

    push_id: str
    state: State
    ended_ms: int
    tries: int

    @property
    def name(self) -> str:
        """As the store knows it."""
        return f"{self.push_id} {self.state} {self.ended_ms}"


class HooksTaken(Struct, frozen=True):
    """Hooks to deliver now, and seconds until the next is due in their shards (None: none waits).

    `dropped` are those whose pushes are not kept any more.
    """

    hooks: list[Hook]
    next_due_seconds: float | None
    dropped: int


async def take_hooks(store: Store, upstream: str, count: int, claim_seconds: float) -> HooksTaken:
    """Claim up to `count` hooks of each shard that are due; one round trip.

    Raises:
        StoreUnavailableError: some may be claimed; they come back when the claims end.
    """
    script = scripts.load("take_hooks")
    calls = [
        Call(
            script,
            (keys.hooks(upstream), keys.hook_tries(upstream)),
            (keys.prefix, count, int(claim_seconds * 1000)),
        )
        for keys in store.keys
    ]
    hooks: list[Hook] = []
    due: list[int] = []
    dropped = 0
    for next_ms, flat, gone in await store.run("take_hooks", calls):
        hooks += [_hook(flat[i].decode(), int(flat[i + 1])) for i in range(0, len(flat), 2)]
        dropped += gone
        if next_ms >= 0:
            due.append(next_ms)
    return HooksTaken(hooks, min(due) / 1000 if due else None, dropped)


async def settle_hooks(store: Store, upstream: str, outcomes: Sequence[tuple[Hook, float]]) -> None:
    """End hooks (0 seconds), or have them tried again in so many seconds.

    Raises:
        StoreUnavailableError: some may be settled; the others come back when their claims end.
    """
    by_shard: dict[int, list[object]] = defaultdict(list)
    for hook, seconds in outcomes:
        by_shard[shard_of_id(hook.push_id)] += (hook.name, int(seconds * 1000))
    script = scripts.load("settle_hooks")
    calls = [
        Call(script, (store.keys[shard].hooks(upstream), store.keys[shard].hook_tries(upstream)), arguments)
        for shard, arguments in by_shard.items()
    ]
    await store.run("settle_hooks", calls)


def _hook(name: str, tries: int) -> Hook:
    push_id, state, ended_ms = name.split(" ")
    return Hook(push_id, cast("State", state), int(ended_ms), tries)
