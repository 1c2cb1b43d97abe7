"""Which server of a Cluster holds which keys.

How it works: any server tells who holds which hash slots (CLUSTER SLOTS); each of these gets a client of its own, the
same as a lone server has. Nothing more is asked until a call fails, because a server is gone or says MOVED; then those
known so far and those of the address are asked in turn, until one answers.

redis-py's own cluster client is not used: it repeats failed calls one by one, after waits of its own, and in its
pipelines there is no place for a WAIT behind the writes of each server.
"""

import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from random import sample
from typing import Any, NamedTuple

from redis import Redis
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from queues.connection.address import Address
from queues.connection.servers import Part
from queues.scripts import Call

LOOK_SECONDS = 2.0  # for all servers together
AGAIN_SECONDS = 0.1  # many calls fail at once, and one look is enough for them


class SlotMap(NamedTuple):
    """Ranges of slots: their first ones in order, their last ones and owners; and all servers that were named."""

    firsts: Sequence[int] = ()
    lasts: Sequence[int] = ()
    owners: Sequence[Address] = ()
    named: frozenset[Address] = frozenset()

    def owner(self, slot: int) -> Address | None:
        place = bisect_right(self.firsts, slot) - 1
        return self.owners[place] if place >= 0 and slot <= self.lasts[place] else None


class Cluster:
    """The servers of a Cluster; `connect` makes a client, `ask` one for a single quick question."""

    fails_over = True
    transacts = False  # its servers refuse a transaction over several slots

    def __init__(
        self, seeds: Sequence[Address], connect: Callable[[Address], Redis], ask: Callable[[Address], Redis]
    ) -> None:
        self.generation = 0
        self._seeds = tuple(seeds)
        self._connect = connect
        self._ask = ask
        self._map = SlotMap()  # replaced as a whole, so that whoever reads it needs no lock
        self._clients: dict[Address, Redis] = {}
        self._looking = threading.Lock()
        self._looked = -AGAIN_SECONDS
        self._trouble: Exception | None = None  # of the server that was asked last

    def everyone(self) -> Sequence[Redis]:
        clients = self._clients
        if not clients:
            raise RedisConnectionError("no server of the Cluster has answered")
        return list(clients.values())

    def holding(self, key: str | bytes) -> Redis:
        slot = key_slot(key.encode() if isinstance(key, str) else key)
        owner = self._map.owner(slot)
        client = self._clients.get(owner) if owner else None
        if client is None:
            raise RedisConnectionError(f"no server of the Cluster holds slot {slot}")
        return client

    def divide(self, calls: Sequence[Call]) -> Sequence[Part]:
        parts: dict[Redis, list[int]] = defaultdict(list)
        for position, call in enumerate(calls):
            parts[self.holding(call.keys[0])].append(position)
        return [Part(client, [calls[i] for i in positions], positions) for client, positions in parts.items()]

    def look_again(self, generation: int) -> bool:
        with self._looking:
            if self.generation == generation and time.monotonic() - self._looked >= AGAIN_SECONDS:
                self._look()
                self._looked = time.monotonic()
            if self._trouble and not self._clients:
                raise self._trouble  # says more than that nobody answered: a wrong password, no Cluster
            return self.generation != generation

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _look(self) -> None:
        deadline = time.monotonic() + LOOK_SECONDS
        # In any order: else all processes would keep asking the same one, which may be the one that is cut off.
        known = sample(sorted(self._map.named), len(self._map.named))
        for address in dict.fromkeys((*known, *self._seeds)):
            if time.monotonic() > deadline:
                return
            client = self._ask(address)
            try:
                told = read_slots(client.execute_command("CLUSTER SLOTS"), address[0])
            except (RedisError, OSError) as error:
                self._trouble = error
                continue
            finally:
                client.close()
            self._trouble = None
            if told.owners:
                self._adopt(told)
                return

    def _adopt(self, told: SlotMap) -> None:
        if told == self._map:
            return
        before = self._clients
        self._clients = {owner: before.get(owner) or self._connect(owner) for owner in sorted(set(told.owners))}
        self._map = told
        self.generation += 1
        for address in before.keys() - self._clients.keys():
            before[address].close()  # what is still asked of it would be refused


def read_slots(told: Iterable[Any], asked: str) -> SlotMap:
    """The reply to CLUSTER SLOTS; a server without a name is the one that was asked."""
    ranges = []
    named = set()
    for first, last, *servers in told:
        addresses = [_address(server, asked) for server in servers]
        if addresses[0] is not None:
            ranges.append((int(first), int(last), addresses[0]))
        named |= {address for address in addresses if address is not None}
    firsts, lasts, owners = zip(*sorted(ranges), strict=True) if ranges else ((), (), ())
    return SlotMap(firsts, lasts, owners, frozenset(named))


def _address(server: Sequence[Any], asked: str) -> Address | None:
    host = server[0].decode() if isinstance(server[0], bytes) else server[0]
    return None if host == "?" else (host or asked, int(server[1]))  # `?`: it does not know the other's address
