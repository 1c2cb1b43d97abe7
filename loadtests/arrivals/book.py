"""What became of each arrival: latencies, outcomes, and when to deliver again. Times are seconds from the start.

Latency counts from the time at which an arrival was due, not from when it was written: what a stalled server keeps
waiting has waited since then (a closed loop would not have sent it, and would have seen nothing).
"""

from array import array
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from loadtests.arrivals.histogram import Histogram
from loadtests.ledgers import SpikeRow
from loadtests.platform.callbacks import Callback

_OK = ("200",)


class Retries(Struct, frozen=True):
    """How often a callback is delivered, and the pause after a failure that was not silence, in seconds."""

    deliveries: int
    pause: float


class Book:
    """One run's account. Every arrival is either skipped, or begun and then ended once."""

    def __init__(self, due: Sequence[float], retries: Retries) -> None:
        self._due = due
        self._retries = retries
        self._answers: list[tuple[str, ...]] = [()] * len(due)
        self._began = array("d", bytes(8 * len(due)))
        self._ended = array("d", bytes(8 * len(due)))
        self._acked = bytearray(len(due))
        self.lag = Histogram()
        self.acked_latency = Histogram()
        self.failed_latency = Histogram()
        self.from_write = Histogram()
        self.words: Counter[str] = Counter()
        self.begun = self.skipped = self.acked = self.failed = self.repeats = self.repeats_skipped = 0

    @property
    def ended(self) -> int:
        """Arrivals of which nothing more will come."""
        return self.acked + self.failed + self.skipped

    def begin(self, number: int, now: float) -> None:
        """Its first delivery is about to be written."""
        self.lag.record(now - self._due[number])
        self._began[number] = now
        self.begun += 1

    def skip(self, number: int, now: float) -> None:
        """It found the cap in flight, and is never sent; our own lag shows all the same."""
        self.lag.record(now - self._due[number])
        self.skipped += 1

    def end(self, number: int, word: str, *, accepted: bool, written: float, now: float) -> float | None:
        """A delivery ended (`word` as in SpikeRow.answers); when to deliver again, None if that was the last."""
        self.words[word] += 1
        answers = _OK if accepted and not self._answers[number] else (*self._answers[number], word)
        self._answers[number] = answers
        self._ended[number] = now
        if accepted:
            self.acked += 1
            self._acked[number] = True
            self.acked_latency.record(now - self._due[number])
            self.from_write.record(now - written)
            return None
        if len(answers) >= self._retries.deliveries:
            self.fail(number, now)
            return None
        return now if word == "timeout" else now + self._retries.pause

    def repeat(self) -> None:
        """A delivery that is not the first is about to be written."""
        self.repeats += 1

    def skip_repeat(self, number: int, now: float) -> None:
        """A repeat found the cap in flight; the callback is given up."""
        self.repeats_skipped += 1
        self.fail(number, now)

    def fail(self, number: int, now: float) -> None:
        """It is given up unacknowledged."""
        self.failed += 1
        self.failed_latency.record(now - self._due[number])

    def rows(self, callbacks: Sequence[Callback]) -> list[SpikeRow]:
        """The ledger for the audit, by number; what was skipped never existed."""
        return [self._row(number, callback) for number, callback in enumerate(callbacks) if self._answers[number]]

    def _row(self, number: int, callback: Callback) -> SpikeRow:
        acked, ended = bool(self._acked[number]), self._ended[number]
        return SpikeRow(
            **callback.fields,
            acked=acked,
            answers=self._answers[number],
            latency=ended - self._due[number] if acked else 0,
            began=self._began[number],
            ended=ended,
        )
