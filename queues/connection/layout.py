"""Whether a store's data is ours to use."""

from typing import cast

from redis import Redis

from queues import keys
from queues.codec import SCHEMA_VERSION
from queues.errors import StoreMismatchError


def claim_layout(client: Redis, shards: int) -> None:
    """Write the layout's version and shard count into a new store; refuse a store that has others.

    Raises:
        StoreMismatchError: another version or shard count.
    """
    ours = {"schema": SCHEMA_VERSION, "shards": shards}
    for field, value in ours.items():
        client.hsetnx(keys.META, field, str(value))
        found = int(cast("bytes", client.hget(keys.META, field)))
        if found != value:
            way_out = f"set store.shards = {found}" if field == "shards" else "use the release that wrote it"
            raise StoreMismatchError(f"the store has {field} {found}, this program is set to {value}: {way_out}")
