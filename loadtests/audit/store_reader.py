"""Reads the store's documented layout (docs: ARCHITECTURE, "Store layout"), and writes nothing.

A copy of the layout on purpose: if the code and its documentation part ways, the audit notices.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, cast

import msgpack
from msgspec import Struct
from redis import Redis

from loadtests.audit.identity import Identity
from loadtests.audit.pushes import Job, Try

_AT_ONCE = 2_000
_EVENT_VERSION = 1


class Place(NamedTuple):
    """Where an event stands: the shard, and its position in that shard's stream, from 0."""

    shard: int
    position: int


class StreamRead(Struct, frozen=True):
    """How often each identity stands in the event streams, where it stands first, how many entries are unreadable."""

    times: Counter[Identity]
    first: dict[Identity, Place]
    unreadable: int


class Waiting(Struct, frozen=True, kw_only=True):
    """Pushes in the queues, held by workers and due later, and events that `dispatch` has not acknowledged."""

    queued: int
    claimed: int
    later: int
    events: int

    @property
    def total(self) -> int:
        return self.queued + self.claimed + self.later + self.events


class StoreReader:
    """One store. Everything raises redis.RedisError on trouble."""

    def __init__(self, client: Redis) -> None:
        """Raises ValueError if the store holds none of Tidegate's data."""
        self._client = cast("Any", client)
        shards = self._client.hget("tg:meta", "shards")
        if shards is None:
            raise ValueError("the store has no tg:meta: Tidegate never used it")
        self.shards = int(shards)

    def events(self, account: str = "") -> StreamRead:
        """All entries of all event streams, of one account if it is named."""
        times: Counter[Identity] = Counter()
        first: dict[Identity, Place] = {}
        unreadable = 0
        for shard in range(self.shards):
            for position, fields in enumerate(self._entries(f"{{tg{shard}}}:events")):
                try:
                    version, of, openid, kind, name, created, key, msgid, *_ = msgpack.unpackb(fields[b"e"])
                except (KeyError, ValueError, TypeError, msgpack.UnpackException):
                    unreadable += 1
                    continue
                if version != _EVENT_VERSION:
                    unreadable += 1
                elif not account or of == account:
                    identity = Identity(openid, kind, name, created, key, msgid)
                    times[identity] += 1
                    first.setdefault(identity, Place(shard, position))
        return StreamRead(times, first, unreadable)

    def _entries(self, stream: str) -> Iterator[dict[bytes, bytes]]:
        after = "-"
        while rows := self._client.xrange(stream, min=after, count=_AT_ONCE):
            for _, fields in rows:
                yield fields
            after = f"({rows[-1][0].decode()}"

    def jobs(self, ids: Iterable[str]) -> dict[str, Job]:
        """The jobs of those ids that have one."""
        found: dict[str, Job] = {}
        left = iter(ids)
        while some := list(islice(left, _AT_ONCE)):
            pipeline = self._client.pipeline(transaction=False)
            for push_id in some:
                job = f"{{tg{_shard_of(push_id)}}}:job:{push_id}"
                pipeline.hmget(job, "state", "msgid", "error", "attempts", "history")
            for push_id, (*fields, history) in zip(some, pipeline.execute(), strict=True):
                state, msgid, error, attempts = (value and value.decode(errors="replace") for value in fields)
                if state is not None:
                    found[push_id] = Job(state, msgid or "", error or "", int(attempts or 0), _tries(history))
        return found

    def places(self, only: Collection[str] | None = None) -> dict[str, Sequence[str]]:
        """Where each waiting id stands: `claims`, `later` and names of queues. `only` limits it to some ids."""
        places: defaultdict[str, list[str]] = defaultdict(list)
        for shard in range(self.shards):
            for place, push_id in self._waiting(f"{{tg{shard}}}:"):
                if only is None or push_id in only:
                    places[push_id].append(place)
        return dict(places)

    def backlog(self) -> int:
        """Pushes that wait in a queue, the claims or later, and events that `dispatch` has not acknowledged."""
        return self.waiting().total

    def waiting(self) -> Waiting:
        """How much waits where. Cheap: it asks for the queues that are listed as work, and does not scan."""
        queued = claimed = later = events = 0
        for shard in range(self.shards):
            prefix = f"{{tg{shard}}}:"
            queued += sum(self._client.llen(queue) for queue in self._listed(prefix))
            claimed += self._client.zcard(prefix + "claims")
            later += self._client.zcard(prefix + "later")
            events += sum(self._unacknowledged(f"{prefix}events"))
        return Waiting(queued=queued, claimed=claimed, later=later, events=events)

    def _listed(self, prefix: str) -> Iterator[str]:
        for feed in sorted(self._client.smembers(prefix + "work")):
            name = feed.decode()
            for queue in self._client.hkeys(f"{prefix}work:{name}"):
                yield f"{prefix}q:{name}:{queue.decode()}"

    def _unacknowledged(self, stream: str) -> Iterator[int]:
        if self._client.exists(stream):
            for group in self._client.xinfo_groups(stream):
                yield int(group["pending"]) + int(group["lag"] or 0)

    def _waiting(self, prefix: str) -> Iterator[tuple[str, str]]:
        for queue in list(self._client.scan_iter(match=f"{prefix}q:*", count=1_000)):
            for start in range(0, self._client.llen(queue), _AT_ONCE):
                for push_id in self._client.lrange(queue, start, start + _AT_ONCE - 1):
                    yield queue.decode().removeprefix(prefix), push_id.decode()
        for place in ("claims", "later"):
            start = 0
            while ids := self._client.zrange(prefix + place, start, start + _AT_ONCE - 1):
                for push_id in ids:
                    yield place, push_id.decode()
                start += _AT_ONCE


def _tries(packed: bytes | None) -> tuple[Try, ...]:
    """A history: msgpack, each try `[ms, verdict, errcode or '', rid, error]`."""
    return tuple(
        Try(at / 1000, None if errcode == "" else int(errcode), rid, error)
        for at, _, errcode, rid, error in (msgpack.unpackb(packed) if packed else ())
    )


def _shard_of(push_id: str) -> int:
    """An id is `<shard in hex>-<ULID>`. Raises ValueError if it is not."""
    return int(push_id.partition("-")[0], 16)
