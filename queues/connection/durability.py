"""How we know that a write is on disk before we acknowledge it.

How it works: with `appendfsync always` a lone server answers only after its own fsync, so the answer is the proof. With
any other setting, and wherever another server may take over whose settings we have not seen, WAITAOF (Valkey, Redis
7.2) is asked for at the end of the same pipeline; a store that offers neither is refused. WAIT follows where replicas
are to have the write as well. (WAITAOF could wait for their disks too, but replicas tell of those once a second, and so
every batch would take a second: measured on Valkey 9.1.)
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from queues import scripts
from queues.connection.facts import config_value
from queues.connection.servers import Servers
from queues.connection.tally import Tally
from queues.errors import StoreMismatchError
from queues.scripts import Call
from queues.settings import StoreSettings

_WAIT_MS = "1200"  # twice that, for disk and replicas, is within the socket timeout


class Proof(NamedTuple):
    """A command, and the least that each of its counts must be."""

    command: tuple[str, ...]
    needed: Sequence[int]


class Durability:
    """What each commit asks for beyond the answers to its calls: its number, and proofs if the settings need any.

    `on_loss` is told of confirmed batches that are gone, in the thread that found it out.
    """

    def __init__(self, proofs: Sequence[Proof], on_loss: Callable[[int], None]) -> None:
        self._tally = Tally()
        self._on_loss = on_loss
        self._last = [Call(None, (), proof.command) for proof in proofs]
        self._needed = list(chain.from_iterable(proof.needed for proof in proofs))

    @property
    def proven(self) -> bool:
        """Whether every commit asks for a proof; else it lies in how the store is set."""
        return bool(self._last)

    def confirmed(self, client: Redis, calls: Sequence[Call]) -> list[Any]:
        """Make the calls, and raise `RedisError` unless they are durable (they may be: the outcome is unknown)."""
        entry = self._tally.entry(calls[0].keys[0])
        results = scripts.run(client, calls, (entry.call, *self._last))
        number, *answers = results[len(calls) :]
        reached = [count for answer in answers for count in (answer if isinstance(answer, list) else [answer])]
        proven = all(count >= needed for count, needed in zip(reached, self._needed, strict=True))
        if lost := self._tally.settle(entry, number, proven=proven):
            self._on_loss(lost)
        if not proven:
            asked = " and ".join(call.arguments[0] for call in self._last)
            raise RedisError(f"written, but not yet durable: {asked} reached {reached}, needed {self._needed}")
        return results[: len(calls)]


def settle_durability(servers: Servers, settings: StoreSettings, on_loss: Callable[[int], None]) -> Durability | None:
    """Choose the proofs, by what this store offers; None where the answers to a commit's own calls are the proof.

    Raises:
        StoreMismatchError: it cannot give the durability that is set.
    """
    proofs = [] if settings.durability == "memory" else _disk_proofs(servers, settings)
    if settings.durability == "replica":
        proofs.append(Proof(("WAIT", str(settings.replicas), _WAIT_MS), (settings.replicas,)))
    return Durability(proofs, on_loss) if proofs or servers.fails_over else None


def _disk_proofs(servers: Servers, settings: StoreSettings) -> list[Proof]:
    always = all(map(_always_syncs, servers.everyone()))
    if always and not servers.fails_over:
        return []
    refusal = next(filter(None, map(_refusal, servers.everyone())), None)
    if refusal is None:
        return [Proof(("WAITAOF", "1", "0", _WAIT_MS), (1, 0))]
    if always:
        return []
    raise StoreMismatchError(
        f'store.durability = "{settings.durability}" needs `appendonly yes` and `appendfsync always` on the store, '
        f"or WAITAOF (Valkey, Redis 7.2 or newer): {refusal}"
    ) from refusal


def _always_syncs(client: Redis) -> bool:
    return config_value(client, "appendonly") == "yes" and config_value(client, "appendfsync") == "always"


def _refusal(client: Redis) -> ResponseError | None:
    """Why the server gives no proof that a write is on disk; it does not without WAITAOF or without `appendonly`."""
    try:
        client.execute_command("WAITAOF", "1", "0", "1")
    except ResponseError as error:
        return error
    return None
