"""How long to wait before a child that ended is started again."""

from typing import Final

_FIRST_SECONDS: Final = 0.05
_MAX_FAILING_SECONDS: Final = 5.0
_MAX_LIVED_SECONDS: Final = 0.25


class Backoff:
    """At once the first time; then doubling, up to a bound that depends on why.

    A child that served and was then killed is needed back quickly even if somebody keeps killing it; one that never
    gets as far as serving would only burn the processor.
    """

    def __init__(self) -> None:
        self._ends = 0

    def reset(self) -> None:
        """The child has lived long enough to forget the past."""
        self._ends = 0

    def after(self, *, lived: bool) -> float:
        """Seconds to wait now that the child has ended; `lived` says whether it had got as far as serving."""
        self._ends += 1
        if self._ends == 1:
            return 0.0
        most = _MAX_LIVED_SECONDS if lived else _MAX_FAILING_SECONDS
        return min(most, _FIRST_SECONDS * 2.0 ** min(self._ends - 2, 16))
