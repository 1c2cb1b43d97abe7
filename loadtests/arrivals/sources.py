"""Which loopback address a connection starts from.

One address has some 28,000 ephemeral ports towards one listener (Linux: 32768 to 60999), and 127.0.0.0/8 is all ours:
every block of 28,000 connections gets the next address.
"""

from ipaddress import IPv4Address
from typing import Final

PER_ADDRESS: Final = 28_000
_FIRST = IPv4Address("127.0.0.1")


class SourceAddresses:
    """Hands out addresses, the first that has room."""

    def __init__(self, connections: int, per_address: int = PER_ADDRESS) -> None:
        blocks = max(1, -(-connections // per_address))
        self._per_address = per_address
        self._used = dict.fromkeys((str(_FIRST + number) for number in range(blocks)), 0)

    def __len__(self) -> int:
        return len(self._used)

    def lease(self) -> str:
        """An address for one more connection. Raises LookupError if all blocks are full."""
        for address, used in self._used.items():
            if used < self._per_address:
                self._used[address] = used + 1
                return address
        raise LookupError("every source address is used up")

    def give_back(self, address: str) -> None:
        self._used[address] -= 1
