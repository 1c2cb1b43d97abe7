"""Mass messages: jobs, the clientmsgid of 24 hours, and four a person in a calendar month (§4.5)."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from loadtests.platform.refusal import RefusedError
from loadtests.platform.windows import FixedWindow, month_of

REMEMBERED = 86_400.0
RETRY_PAUSE = 60.0
_KEPT = 100_000
_FIRST = 1_000_000_000

MassState = Literal["SENDING", "SEND_SUCCESS", "SEND_FAIL", "DELETE"]

SPEEDS = (80, 60, 45, 30, 10)
"""`realspeed` of speed 0 to 4, in ten thousand a minute."""


class Job(Struct):
    """One accepted mass message: `total` people, `filtered` left after the filters, decided when it is `due`."""

    msg_id: int
    msg_data_id: int
    kind: str
    total: int
    filtered: int
    due: float = float("inf")
    failed: bool = False
    deleted: bool = False

    def state(self, now: float) -> MassState:
        """What mass/get says."""
        if self.deleted:
            return "DELETE"
        if now < self.due:
            return "SENDING"
        return "SEND_FAIL" if self.failed else "SEND_SUCCESS"


class _Sent(Struct):
    at: float
    job: Job
    asked: float


class MassDesk:
    """The mass messages of one account; `per_month` 0 filters nobody."""

    def __init__(self, per_month: int = 4, clientmsgid_bytes: int = 64) -> None:
        self.speed = 3
        self.to_all = FixedWindow.day(1)
        self._per_month = per_month
        self._longest = clientmsgid_bytes
        self._last = _FIRST
        self._jobs: dict[int, Job] = {}
        self._sent: dict[str, _Sent] = {}
        self._month = ""
        self._received: Counter[str] = Counter()

    def check_repeat(self, client_id: str, now: float) -> None:
        """Refuse a clientmsgid: 45067 (too long), 45065 (sent within 24 h), 45066 (asked again within 60 s)."""
        if len(client_id.encode()) > self._longest:
            raise RefusedError(45067)
        sent = self._sent.get(client_id)
        if sent is None or now - sent.at >= REMEMBERED:
            return
        soon = now - sent.asked < RETRY_PAUSE
        sent.asked = now
        if soon:
            raise RefusedError(45066)
        job = sent.job
        raise RefusedError(
            45065, extra={"msg_id": job.msg_id} | ({"msg_data_id": job.msg_data_id} if job.msg_data_id else {})
        )

    def accept(
        self, client_id: str, kind: str, people: Iterable[str], followers: Iterable[str] | None, now: float
    ) -> Job:
        """A new job to `people`; those not among `followers` (None: all are) or with four this month are filtered."""
        month = month_of(now)
        if month != self._month:
            self._month = month
            self._received.clear()
        everyone = list(people)
        known = None if followers is None else set(followers)
        reached = [
            each
            for each in everyone
            if (known is None or each in known) and (not self._per_month or self._received[each] < self._per_month)
        ]
        self._received.update(reached)
        self._last += 1
        number = self._last
        articles = number + 100_000_000 if kind == "mpnews" else 0
        job = Job(number, articles, kind, len(everyone), len(reached))
        self._jobs[number] = job
        if len(self._jobs) > _KEPT:
            del self._jobs[next(iter(self._jobs))]
        self._sent.pop(client_id, None)
        self._sent[client_id] = _Sent(now, job, float("-inf"))
        if len(self._sent) > _KEPT:
            del self._sent[next(iter(self._sent))]
        return job

    def find(self, msg_id: int) -> Job | None:
        return self._jobs.get(msg_id)


def digest(audience: object, content: object) -> str:
    """What stands for a clientmsgid that is not given: a digest of range and content."""
    return hashlib.sha256(repr((audience, content)).encode()).hexdigest()[:32]
