"""Sees from the store when a pusher has begun and when it has settled all (ARCHITECTURE, "Store layout")."""

import time
from typing import Any

_LOOK_SECONDS = 0.01


class PushWatch:
    """Looks at the store every 10 ms; a look is a few hashed keys in one round trip."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._shards = range(int(client.hget("tg:meta", "shards")))

    def until_begun(self, seconds: float) -> None:
        """Wait for the first claim. Raises TimeoutError."""
        self._wait("claims", seconds, wanted=True)

    def until_settled(self, seconds: float) -> float:
        """Wait until nothing is queued, claimed or later; the time of that, since the epoch. Raises TimeoutError."""
        self._wait("claims later work", seconds, wanted=False)
        return time.time()

    def _wait(self, places: str, seconds: float, *, wanted: bool) -> None:
        deadline = time.monotonic() + seconds
        while any(self._sizes(places.split())) is not wanted:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{places}: still not as wanted after {seconds:g} s")
            time.sleep(_LOOK_SECONDS)

    def _sizes(self, places: list[str]) -> list[int]:
        pipeline = self._client.pipeline(transaction=False)
        for shard in self._shards:
            for place in places:
                ask = pipeline.scard if place == "work" else pipeline.zcard
                ask(f"{{tg{shard}}}:{place}")
        sizes: list[int] = pipeline.execute()
        return sizes
