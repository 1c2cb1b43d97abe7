"""An upstream that enqueues pushes, and sends a request whose outcome is unknown again: its keys make that safe."""

import itertools
import time
from collections.abc import Sequence

import gevent
import msgspec

from loadtests.push_request import (
    ACCEPTED,
    UNANSWERED,
    ItemResult,
    ledger_row,
    may_repeat,
    pause_before,
    read_results,
)
from loadtests.scenarios.measured import ACKED_LATE, GIVEN_UP, RETRIED, SHED
from loadtests.scenarios.pacing import PacedUser

GIVE_UP_SECONDS = 30.0

_OVERLOADED = frozenset({429, 503})
_ENCODER = msgspec.json.Encoder()


class UpstreamUser(PacedUser):
    """Enqueues pushes; a scenario's class says how many at once."""

    abstract = True

    def enqueue(self, count: int, name: str) -> None:
        """Enqueue that many in one request, to its end, and keep what became of each."""
        items = [self.rig.people.push() for _ in range(count)]
        body = _ENCODER.encode({"pushes": items})
        began = time.perf_counter()
        results: Sequence[ItemResult] = ()
        for number in itertools.count():
            if number:
                self.record(RETRIED, name, time.perf_counter() - began)
            results, pause = self._attempt(body, count, f"{name} again" if number else name, number)
            waited = time.perf_counter() - began
            if results:
                if waited > self.rig.options.late:
                    self.record(ACKED_LATE, name, waited)
                break
            if pause is None or waited + pause > GIVE_UP_SECONDS:
                self.record(GIVEN_UP, name, waited)
                break
            gevent.sleep(pause)
        for item, result in zip(items, results or [UNANSWERED] * count, strict=True):
            self.rig.ledger.push(ledger_row(item, result))

    def _attempt(self, body: bytes, count: int, name: str, number: int) -> tuple[Sequence[ItemResult], float | None]:
        """The results; or none, and the seconds after which to ask again (None: asking again would not help)."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.rig.options.upstream_key}",
        }
        sent = time.perf_counter()
        with self.post("/v1/pushes", name, body, headers) as response:
            status = response.status_code
            results = _read(response.content or b"") if status == ACCEPTED else ()
            if len(results) == count:
                response.success()
                return results, None
            response.failure(str(status or "no answer") if status != ACCEPTED else "invalid")
            retry_after = (response.headers or {}).get("retry-after", "")
        if status in _OVERLOADED:
            self.record(SHED, name.removesuffix(" again"), time.perf_counter() - sent)
        if not may_repeat(status):
            return (), None
        return (), pause_before(number, float(retry_after) if retry_after.isdigit() else 0.0)


def _read(body: bytes) -> Sequence[ItemResult]:
    try:
        return read_results(body)
    except msgspec.MsgspecError:
        return ()
