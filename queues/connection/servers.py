"""The servers that a store consists of, each with its part of the keys.

Most stores are one server. A Cluster is several, and `cluster.py` knows which of them holds a key; whoever makes calls
does not: it names the keys, and each call goes to its server.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from redis import Redis

from queues.scripts import Call


class Part(NamedTuple):
    """Calls for one server, with their positions among all that were divided."""

    client: Redis
    calls: Sequence[Call]
    positions: Sequence[int]


class Servers(Protocol):
    """What a store's address leads to. Everything raises redis.RedisError where no server is known for a key."""

    @property
    def fails_over(self) -> bool:
        """Whether a replica may take a server's place by itself."""

    @property
    def transacts(self) -> bool:
        """Whether one transaction may hold calls for any keys."""

    @property
    def generation(self) -> int:
        """Another number each time that keys are known to have moved."""

    def everyone(self) -> Sequence[Redis]:
        """A client of each server that takes writes."""

    def holding(self, key: str | bytes) -> Redis:
        """The client of the server that holds this key."""

    def divide(self, calls: Sequence[Call]) -> Sequence[Part]:
        """The calls by server, in order for each."""

    def look_again(self, generation: int) -> bool:
        """After a failure: find out where the keys are; whether they have moved since `generation`. It blocks.

        Raises:
            redis.RedisError, OSError: nobody has told that yet, and one of those who were asked says why.
        """

    def close(self) -> None:
        """End all connections."""


class OneServer:
    """One server that holds every key, at a fixed address or wherever Sentinel says that it is."""

    generation = 0
    transacts = True

    def __init__(self, client: Redis, *, fails_over: bool = False) -> None:
        self._client = client
        self.fails_over = fails_over

    def everyone(self) -> Sequence[Redis]:
        return (self._client,)

    def holding(self, key: str | bytes) -> Redis:  # noqa: ARG002  as `Servers` has it
        return self._client

    def divide(self, calls: Sequence[Call]) -> Sequence[Part]:
        return (Part(self._client, calls, range(len(calls))),) if calls else ()

    def look_again(self, generation: int) -> bool:  # noqa: ARG002  as `Servers` has it
        return False  # a Sentinel is asked with each new connection

    def close(self) -> None:
        self._client.close()
