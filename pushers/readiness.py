"""Which shards are known to hold queued pushes of which feeds, from wake-ups, sweeps and our own releases.

A mark may be wrong in one direction only: a shard marked ready may be empty. A shard is cleared only if no mark came
while it was being emptied; a mark that was lost altogether is made up for by the next sweep.
"""

from collections.abc import Iterable

import trio


class Readiness:
    """Marks for the feeds (`<account>:<api>`) of this process; others are ignored."""

    def __init__(self, feeds: Iterable[str]) -> None:
        self._ready: dict[str, dict[int, int]] = {feed: {} for feed in feeds}
        self._marked = {feed: trio.Event() for feed in self._ready}
        self._marks = 0
        self.busy = 0
        """How many feeds have ready shards."""

    def mark(self, feed: str, shard: int) -> None:
        ready = self._ready.get(feed)
        if ready is not None:
            self._marks += 1
            self.busy += not ready
            ready[shard] = self._marks
            self._marked[feed].set()

    def ready(self, feed: str) -> dict[int, int]:
        """The ready shards, each with its latest mark. A copy."""
        return dict(self._ready[feed])

    def clear(self, feed: str, shard: int, mark: int) -> None:
        """The shard was empty; stands only if `mark` is still its latest."""
        if self._ready[feed].get(shard) == mark:
            del self._ready[feed][shard]
            self.busy -= not self._ready[feed]

    def wake(self, feed: str) -> None:
        """Let whoever waits for the feed look again."""
        self._marked[feed].set()

    async def changed(self, feed: str) -> None:
        """Wait until a shard of the feed is marked, or it is woken."""
        if self._marked[feed].is_set():
            self._marked[feed] = trio.Event()
        await self._marked[feed].wait()
