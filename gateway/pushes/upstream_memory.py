"""What the requests of one upstream hold until they are answered, and a bound on it.

A connection is bounded by the largest batch, but an upstream may open thousands, and each request waits for its turn
with its body. What is refused here stays with its upstream, which has it anyway.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.http.problem import ProblemError
from gateway.pushes.rate_limit import retry_after
from gateway.pushes.results import count_refused

MOST_BYTES: Final = 67_108_864
"""Eight of the largest batches by default, or 200,000 usual pushes: seconds of work."""


class UpstreamMemory:
    """The requests of one upstream in one gateway."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._held = 0

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Count a request of so many bytes until the end of the block; one that is alone is let in whatever its size.

        Raises:
            ProblemError: 429, there is no room for it.
        """
        if self._held and self._held + size > MOST_BYTES:
            count_refused(self._upstream)
            detail = f"requests of this upstream with {self._held} bytes wait for their answers"
            raise ProblemError(429, "No room for pushes", detail, (retry_after(1),))
        self._held += size
        try:
            yield
        finally:
            self._held -= size
