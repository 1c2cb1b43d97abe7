"""Which shards a feeder asks in a round, and each for how many; does no I/O."""

import math
from collections.abc import Mapping

SHARD_SHARE = 64
"""Asked of one shard before the next is asked too: fewer and larger calls are cheaper for the store."""
BY_TURNS_ALONE = 4
"""Every so many rounds news counts for nothing."""


class ShardRota:
    """The shards of one feed take turns; in most rounds those with news since they were asked come first.

    A push of a small sender waits in one shard. Where a round has tokens for few pushes, and a flood fills all shards,
    it would wait until that shard's turn comes. In most rounds, as shards without news must not wait for ever.
    """

    def __init__(self) -> None:
        self._turn = 0
        self._rounds = 0
        self._seen: dict[int, int] = {}

    def news(self, ready: Mapping[int, int]) -> bool:
        """Whether a shard was marked since it was asked."""
        return any(self._seen.get(shard) != mark for shard, mark in ready.items())

    def shares(self, ready: Mapping[int, int], count: int, *, few: bool) -> dict[int, int]:
        """Divide `count` over ready shards (each with its latest mark): over all, or with `few` over as few as will do.

        `few` is for a long queue without a rate. At a limited rate rounds are few, and a shard that has to wait for its
        turn costs its pushes more than a call.
        """
        if not ready or not count:
            return {}
        asked = min(len(ready), math.ceil(count / SHARD_SHARE) if few else count)
        shards = sorted(ready)
        first = self._turn % len(shards)
        order = shards[first:] + shards[:first]
        self._turn += asked
        self._rounds += 1
        if self._rounds % BY_TURNS_ALONE:
            order.sort(key=lambda shard: self._seen.get(shard) == ready[shard])
        share, more = divmod(count, asked)
        shares = {shard: share + (n < more) for n, shard in enumerate(order[:asked])}
        self._seen.update((shard, ready[shard]) for shard in shares)
        return shares
