"""The platform as a caller: signs, encrypts, waits five seconds, and asks up to three times (§1.4).

How it works: each user is one of the platform's connections. A callback that is not answered as it should be is sent
again at once, as it was but signed anew; after a broken connection a little later, as the platform's own pause is not
known. A share of the acknowledged ones comes once more all the same.
"""

import time

import gevent
from locust.contrib.fasthttp import ResponseContextManager

from loadtests.ledgers import SpikeRow
from loadtests.platform.callbacks import Callback
from loadtests.platform.reply_check import accepts
from loadtests.scenarios.measured import ACKED_LATE, GIVEN_UP, REPEATED, RETRIED, SHED
from loadtests.scenarios.pacing import PacedUser

DELIVERIES = 3
LOST_PAUSE_SECONDS = 0.5
CALLBACK = "callback"

_OK = 200
_OVERLOADED = frozenset({429, 503})
_HEADERS = {"Content-Type": "text/xml"}


class PlatformUser(PacedUser):
    """Delivers callbacks; a scenario's class says which."""

    abstract = True

    def deliver(self, callback: Callback) -> None:
        """Deliver one callback to its end, and keep what became of it."""
        began = time.perf_counter()
        answers: list[str] = []
        acked = False
        latency = 0.0
        while not acked and len(answers) < DELIVERIES:
            if answers:
                self.record(RETRIED, CALLBACK, time.perf_counter() - began)
            sent = time.perf_counter()
            answer, acked = self._attempt(callback, f"{CALLBACK} again" if answers else CALLBACK)
            latency = time.perf_counter() - sent
            answers.append(answer)
            if answer == "lost":
                gevent.sleep(LOST_PAUSE_SECONDS)
        waited = time.perf_counter() - began
        if not acked:
            self.record(GIVEN_UP, CALLBACK, waited)
        elif waited > self.rig.options.late:
            self.record(ACKED_LATE, CALLBACK, waited)
        if acked and self.rig.random.random() < self.rig.options.repeat_share:
            self.record(REPEATED, CALLBACK, waited)
            answers.append(self._attempt(callback, f"{CALLBACK} repeated")[0])
        self.rig.ledger.callback(
            SpikeRow(**callback.fields, acked=acked, answers=tuple(answers), latency=latency if acked else 0)
        )

    def _attempt(self, callback: Callback, name: str) -> tuple[str, bool]:
        """One delivery: the answer as the ledger has it, and whether it stops the platform from asking again."""
        delivery = self.rig.envelope.wrap(callback, time.time())
        url = f"/callback/{self.rig.options.account}?{delivery.query}"
        sent = time.perf_counter()
        with self.post(url, name, delivery.body, _HEADERS) as response:
            status = response.status_code
            accepted = accepts(status, response.content or b"", callback=callback, envelope=self.rig.envelope)
            answer = _answer(response, accepted)
            if accepted:
                response.success()
            else:
                response.failure(answer)
        if status in _OVERLOADED:
            self.record(SHED, CALLBACK, time.perf_counter() - sent)
        return answer, accepted


def _answer(response: ResponseContextManager, accepted: bool) -> str:
    if response.status_code:
        return str(response.status_code) if accepted or response.status_code != _OK else "invalid"
    return "timeout" if isinstance(getattr(response, "error", None), TimeoutError) else "lost"
