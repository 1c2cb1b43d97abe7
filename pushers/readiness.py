"""Which shards are known to hold queued pushes of which accounts, from wake-ups, sweeps and our own releases.

A mark may be wrong in one direction only: a shard marked ready may be empty. A shard is cleared only if no mark came
while it was being emptied; a mark that was lost altogether is made up for by the next sweep.
"""

from collections.abc import Iterable

import trio


class Readiness:
    """Marks for the accounts this process serves; others are ignored."""

    def __init__(self, accounts: Iterable[str]) -> None:
        self._ready: dict[str, dict[int, int]] = {account: {} for account in accounts}
        self._marked = {account: trio.Event() for account in self._ready}
        self._marks = 0

    def mark(self, account: str, shard: int) -> None:
        ready = self._ready.get(account)
        if ready is not None:
            self._marks += 1
            ready[shard] = self._marks
            self._marked[account].set()

    def ready(self, account: str) -> dict[int, int]:
        """The ready shards, each with its latest mark. A copy."""
        return dict(self._ready[account])

    def clear(self, account: str, shard: int, mark: int) -> None:
        """The shard was empty; stands only if `mark` is still its latest."""
        if self._ready[account].get(shard) == mark:
            del self._ready[account][shard]

    async def wait(self, account: str) -> None:
        """Wait until a shard of the account is ready."""
        while not self._ready[account]:
            if self._marked[account].is_set():
                self._marked[account] = trio.Event()
            await self._marked[account].wait()
