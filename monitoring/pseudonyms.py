"""Names for people in logs: the same person has the same name, and nobody without the key finds the person by it."""

from collections.abc import Mapping
from hashlib import blake2b

_BYTES = 8
"""Two of a hundred million recipients share a name with a chance of one in four thousand."""


class Pseudonyms:
    """Keyed hashes; `keys` has a key of at most 64 bytes for each account, as a recipient's id is that account's."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._hashes = {account: blake2b(key=key, digest_size=_BYTES) for account, key in keys.items()}

    def of(self, account: str, recipient: str) -> str:
        """The name of a recipient; `unknown` for an account without a key."""
        keyed = self._hashes.get(account)
        if keyed is None:
            return "unknown"
        named = keyed.copy()
        named.update(recipient.encode())
        return named.hexdigest()
