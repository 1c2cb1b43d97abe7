"""What waits inside a process, dealt out fairly: one line a key, a turn for each line."""

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from queues.push import Push

_T = TypeVar("_T")


class TurnQueue(Generic[_T]):
    """Of one key first in, first out; of different keys one each in turn, and a key that is new comes next.

    The store deals by shares when pushes are taken, so nobody's share grows here. But what is claimed ahead must not
    become one long line again, at whose end a newcomer would wait for all of a flood. Bounded by whoever adds.
    """

    def __init__(self) -> None:
        self._lines: dict[Hashable, deque[_T]] = {}
        self._turns: deque[Hashable] = deque()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, key: Hashable, item: _T) -> None:
        self._size += 1
        line = self._lines.get(key)
        if line is not None:
            line.append(item)
            return
        self._lines[key] = deque((item,))
        self._turns.appendleft(key)

    def pop(self) -> _T:
        """The next one. Raises IndexError if none waits."""
        key = self._turns.popleft()
        line = self._lines[key]
        item = line.popleft()
        self._size -= 1
        if line:
            self._turns.append(key)
        else:
            del self._lines[key]
        return item


def line_of(push: Push) -> Hashable:
    """Who waits in one line: the pushes of one upstream, account and priority."""
    return push.account, push.upstream, push.priority
