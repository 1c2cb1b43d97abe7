"""One line on stderr that shows how far a run is.

Plain text, not rich's live display: this is written from within the sending loop, where a redraw of some milliseconds
would be the generator's own lag, and a display thread would take the interpreter from it.
"""

import sys
from typing import Final, TextIO

from loadtests.arrivals.engine import Snapshot

_CLEAR: Final = "\r\x1b[2K"


class LiveLine:
    """Shows each snapshot in the place of the last; nothing where nobody watches."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._shown = stream.isatty()

    def __call__(self, snapshot: Snapshot) -> None:
        if self._shown:
            self._stream.write(
                f"{_CLEAR}{snapshot.elapsed:6.1f} s  {snapshot.begun:,} sent  {snapshot.acked:,} acknowledged  "
                f"{snapshot.in_flight:,} in flight  {snapshot.failed:,} given up  {snapshot.skipped:,} skipped"
            )
            self._stream.flush()

    def end(self) -> None:
        if self._shown:
            self._stream.write(_CLEAR)
            self._stream.flush()
