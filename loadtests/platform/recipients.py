"""Who follows the account: a fixed share of people do not, and events change it for single ones."""

import zlib


class Recipients:
    """`unsubscribed_share` of all openids do not follow, always the same ones for one seed."""

    def __init__(self, unsubscribed_share: float, seed: int) -> None:
        self._below = int(unsubscribed_share * 2**32)
        self._seed = seed
        self._told: dict[str, bool] = {}

    def follows(self, openid: str) -> bool:
        told = self._told.get(openid)
        if told is not None:
            return told
        return not self._below or zlib.crc32(openid.encode(), self._seed) >= self._below

    def set_follows(self, openid: str, follows: bool) -> None:
        """One person subscribed or unsubscribed."""
        self._told[openid] = follows

    def told(self) -> dict[str, bool]:
        """Those of whom an event has told, in the order of their first event."""
        return self._told
