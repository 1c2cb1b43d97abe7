"""An upstream that enqueues pushes, and sends a request whose outcome is unknown again: its keys make that safe."""

import itertools
import time
from collections.abc import Sequence

import gevent
import msgspec
from msgspec import Struct

from loadtests.ledgers import CampaignRow
from loadtests.scenarios.crowd import PushItem
from loadtests.scenarios.measured import ACKED_LATE, GIVEN_UP, RETRIED, SHED
from loadtests.scenarios.pacing import PacedUser

GIVE_UP_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 2.0

_ACCEPTED = 202
_OVERLOADED = frozenset({429, 503})
_SERVER_ERROR = 500


class Result(Struct, frozen=True):
    """What became of one item; as in `POST /v1/pushes`, and `unanswered` where there was no 202."""

    status: str
    id: str | None = None
    error: str | None = None


class _Results(Struct, frozen=True):
    results: list[Result]


_UNANSWERED = Result("unanswered")
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Results)


class UpstreamUser(PacedUser):
    """Enqueues pushes; a scenario's class says how many at once."""

    abstract = True

    def enqueue(self, count: int, name: str) -> None:
        """Enqueue that many in one request, to its end, and keep what became of each."""
        items = [self.rig.crowd.push() for _ in range(count)]
        body = _ENCODER.encode({"pushes": items})
        began = time.perf_counter()
        results: Sequence[Result] = ()
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
        for item, result in zip(items, results or [_UNANSWERED] * count, strict=True):
            self.rig.ledger.push(_row(item, result))

    def _attempt(self, body: bytes, count: int, name: str, number: int) -> tuple[Sequence[Result], float | None]:
        """The results; or none, and the seconds after which to ask again (None: asking again would not help)."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.rig.options.upstream_key}",
        }
        sent = time.perf_counter()
        with self.post("/v1/pushes", name, body, headers) as response:
            status = response.status_code
            results = _read(response.content or b"") if status == _ACCEPTED else ()
            if len(results) == count:
                response.success()
                return results, None
            response.failure(str(status or "no answer") if status != _ACCEPTED else "invalid")
            retry_after = (response.headers or {}).get("retry-after", "")
        if status in _OVERLOADED:
            self.record(SHED, name.removesuffix(" again"), time.perf_counter() - sent)
        if status and status not in _OVERLOADED and status < _SERVER_ERROR:
            return (), None
        wished = float(retry_after) if retry_after.isdigit() else 0.0
        return (), max(wished, min(0.1 * 2**number, LONGEST_PAUSE_SECONDS))


def _read(body: bytes) -> Sequence[Result]:
    try:
        return _DECODER.decode(body).results
    except msgspec.MsgspecError:
        return ()


def _row(item: PushItem, result: Result) -> CampaignRow:
    return msgspec.convert(
        {
            "key": item.idempotency_key,
            "id": result.id or "",
            "status": result.status,
            "recipient": item.to,
            "priority": item.priority,
            "error": result.error or "",
        },
        CampaignRow,
    )
