"""Whether a store lets us do what we do there, found out before anything is promised, and what to do if it does not."""

from redis import Redis
from redis.exceptions import AuthenticationError, ClusterDownError, MovedError, NoPermissionError, ReadOnlyError

from queues import scripts
from queues.keys import WAKE_CHANNEL, ShardKeys
from queues.scripts import Call

_WRITE = "return redis.call('SREM', KEYS[1], '')"
"""Of a member that is never there."""

_REMEDIES = {
    AuthenticationError: "give its user and password in store.url: //user:password@ before the host",
    NoPermissionError: "docs/security.md has what its user must be allowed",
    ReadOnlyError: "this is a replica: give the primary's address",
    MovedError: "this is one of a Cluster's servers: write redis+cluster://host:port,host:port",
    ClusterDownError: "this is one of a Cluster's servers, and slots are missing; CLUSTER NODES shows whose",
}


def try_access(client: Redis, keys: ShardKeys) -> None:
    """Have the server of a shard run a script that writes to a key of ours, and wake nobody; nothing changes.

    Raises:
        redis.RedisError: it did not, or refuses.
    """
    scripts.run(client, [Call(None, (), ("EVAL", _WRITE, 1, keys.work)), Call(None, (), ("PUBLISH", WAKE_CHANNEL, ""))])


def explained(failure: BaseException) -> str:
    """The words of a `StoreUnavailableError`, and what to do about it if that is known."""
    ways = [way for kind, way in _REMEDIES.items() if isinstance(failure.__cause__, kind)]
    return "; ".join([str(failure).rstrip("."), *ways])
