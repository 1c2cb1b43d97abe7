"""How many pushes this process may hold at once, shared fairly by its accounts.

Half of the room is divided evenly and kept for each account, the rest goes to whoever asks first: a platform that is
slow for one account takes at most that half and the account's own part, never what the others need.
"""

from collections.abc import Sequence

import trio


class Room:
    """Counts what each account holds, from the claim until its outcome is on its way to be settled."""

    def __init__(self, total: int, accounts: Sequence[str]) -> None:
        self._own = max(1, total // 2 // max(1, len(accounts)))
        self._shared = max(0, total - self._own * len(accounts))
        self._used = dict.fromkeys(accounts, 0)
        self._borrowed = 0
        self._freed = trio.Event()

    def free(self, account: str) -> int:
        """How many more the account may hold now."""
        return max(0, self._own - self._used[account]) + self._shared - self._borrowed

    @property
    def total_used(self) -> int:
        return sum(self._used.values())

    def reserve(self, account: str, count: int) -> None:
        """Take `count` places; at most as many as are free."""
        self._change(account, count)

    def release(self, account: str, count: int = 1) -> None:
        """Give places back."""
        self._change(account, -count)
        self._freed.set()

    async def freed(self) -> None:
        """Wait until somebody gives something back."""
        if self._freed.is_set():
            self._freed = trio.Event()
        await self._freed.wait()

    def _change(self, account: str, count: int) -> None:
        before = self._used[account]
        self._used[account] = before + count
        self._borrowed += max(0, before + count - self._own) - max(0, before - self._own)
