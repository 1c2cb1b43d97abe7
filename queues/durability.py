"""How we know that a write is on disk before we acknowledge it.

How it works: with `appendfsync always` the store answers only after its own fsync, so the answer is the proof. With any
other setting the proof is asked for with WAITAOF (Valkey, Redis 7.2) at the end of the same pipeline; a store that
offers neither is refused.
"""

from collections.abc import Callable, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from queues.errors import StoreMismatchError
from queues.facts import config_value
from queues.scripts import Call
from queues.settings import StoreSettings

_WAIT_MS = 2_000  # within the socket timeout


class Durability:
    """The proof that a settings' durability needs: none, or a last command and the counts it must return."""

    def __init__(self, proof: tuple[str, ...] | None, *needed: int) -> None:
        self._proof = proof
        self._needed = needed

    @property
    def proven(self) -> bool:
        """Whether every commit asks for the proof; else it lies in how the store is set."""
        return self._proof is not None

    def confirmed(
        self, run: Callable[[Redis, Sequence[Call]], list[Any]], client: Redis, calls: Sequence[Call]
    ) -> list[Any]:
        """Make the calls, and raise `RedisError` unless they are durable (they may be: the outcome is unknown)."""
        if self._proof is None:
            return run(client, calls)
        *results, counts = run(client, [*calls, Call(None, (), self._proof)])
        reached = counts if isinstance(counts, list) else [counts]
        if any(count < needed for count, needed in zip(reached, self._needed, strict=True)):
            raise RedisError(f"written, but not yet durable: {self._proof[0]} reached {reached}, needs {self._needed}")
        return results


def settle_durability(client: Redis, settings: StoreSettings) -> Durability:
    """Choose the proof, by what this store offers.

    Raises:
        StoreMismatchError: it cannot give the durability that is set.
    """
    if settings.durability == "memory":
        return Durability(None)
    always = config_value(client, "appendonly") == "yes" and config_value(client, "appendfsync") == "always"
    if settings.durability == "fsync" and always:
        return Durability(None)
    replicas = settings.replicas if settings.durability == "replica" else 0
    if always:
        return Durability(("WAIT", str(replicas), str(_WAIT_MS)), replicas)
    try:
        client.execute_command("WAITAOF", "1", "0", "1")
    except ResponseError as error:
        raise StoreMismatchError(
            f'store.durability = "{settings.durability}" needs `appendonly yes` and `appendfsync always` on the store, '
            f"or WAITAOF (Valkey, Redis 7.2 or newer): {error}"
        ) from error
    return Durability(("WAITAOF", "1", str(replicas), str(_WAIT_MS)), 1, replicas)
