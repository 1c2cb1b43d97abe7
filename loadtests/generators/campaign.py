"""A push campaign: many pushes enqueued in batches, each known by an idempotency key.

A batch whose outcome is unknown (no answer, a broken connection, 429, 5xx) is sent again (`loadtests.push_request`).

Some of them may be poison: the gateway takes them, as nothing about them is wrong, and their text is a mark by which
the simulator refuses them, or never answers (its `fault_rules`, `containing` one of MARKS), each time they are sent.
"""

import itertools
import random
import time
from collections.abc import Callable, Iterator, Mapping

import trio
from msgspec import Struct

from loadtests.http_client import Answer, ConnectionLostError, HttpConnection, Target, parse_target, post_pushes
from loadtests.ledgers import CampaignLedger, CampaignRow, Poison
from loadtests.push_request import (
    ACCEPTED,
    UNANSWERED,
    ItemResult,
    PushItem,
    ledger_row,
    may_repeat,
    notice,
    pause_before,
    read_results,
)

Progress = Callable[[int, int], None]
"""Called with (pushes ended, acknowledged) after each batch."""

MARKS: Mapping[Poison, str] = {"refused": "refuse me", "unanswered": "ignore me"}

_HEALTHY = "办理进度"
_RECIPIENTS = 10_000


class CampaignOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to enqueue and how. Times in seconds; `url` is the gateway's `http://HOST:PORT`.

    No new batch is begun after `seconds` (0: no limit). A batch is given up `give_up` seconds after it was first sent.
    With `per_second` a batch is begun when its first push would be due at that pace; 0 is as fast as they are taken.
    `poison` of the pushes, evenly among the others, are marked to be refused and never to be answered by turns.
    """

    url: str
    key: str
    account: str
    count: int = 10_000
    seconds: float = 0
    batch: int = 500
    connections: int = 4
    deadline: float = 10.0
    give_up: float = 60.0
    seed: int = 1
    per_second: float = 0
    poison: int = 0


class CampaignRefusedError(Exception):
    """The gateway refuses the campaign as such: wrong key, wrong account, wrong request. Says what it answered."""


class _Campaign:
    def __init__(self, options: CampaignOptions, on_progress: Progress | None, run: str) -> None:
        self._options = options
        self._on_progress = on_progress
        self._target: Target = parse_target(f"{options.url.rstrip('/')}/v1/pushes")
        self._batches = self._make_batches(run)
        self.rows: list[CampaignRow] = []
        self._acked = 0
        self.began = self._next_due = trio.current_time()
        self._numbers = itertools.count(1)

    def _make_batches(self, run: str) -> Iterator[list[PushItem]]:
        options, source = self._options, random.Random(self._options.seed)
        items = (
            notice(
                options.account,
                f"oPush{options.seed % 10_000:04d}{source.randrange(_RECIPIENTS):019d}",
                number,
                f"{run}-{number}",
                source,
                title=self._title(number),
            )
            for number in range(options.count)
        )
        while batch := list(itertools.islice(items, options.batch)):
            yield batch

    def _title(self, number: int) -> str:
        """The first of each stretch of pushes is poison, of either kind by turns."""
        count, poison = self._options.count, self._options.poison
        turn, place = divmod(number, max(1, count // poison)) if poison else (0, number)
        if not poison or place or turn >= poison:
            return _HEALTHY
        marks = list(MARKS.values())
        return marks[turn % len(marks)]

    async def work(self) -> None:
        connection = HttpConnection(self._target)
        try:
            for batch in itertools.takewhile(self._in_time, self._batches):
                await trio.sleep_until(self._due())
                began = trio.current_time()
                self._keep(batch, await self._enqueue(connection, batch), began)
        finally:
            connection.close()

    def _due(self) -> float:
        """When the next batch is to begin."""
        due, pace = self._next_due, self._options.per_second
        self._next_due += self._options.batch / pace if pace else 0
        return due

    def _in_time(self, _batch: list[PushItem]) -> bool:
        return not self._options.seconds or trio.current_time() < self.began + self._options.seconds

    async def _enqueue(self, connection: HttpConnection, batch: list[PushItem]) -> list[ItemResult]:
        """The results, or an empty list if it was given up."""
        request = post_pushes(self._target, batch, self._options.key)
        give_up = trio.current_time() + self._options.give_up
        for attempt in itertools.count():
            answer = await self._ask(connection, request)
            if answer is not None and answer.status == ACCEPTED:
                results = read_results(answer.body)
                if len(results) != len(batch):
                    raise CampaignRefusedError(f"{len(results)} results for {len(batch)} pushes")
                return results
            if answer is not None and not may_repeat(answer.status):
                raise CampaignRefusedError(f"status {answer.status}: {answer.body[:300].decode(errors='replace')}")
            pause = pause_before(attempt, answer.retry_after if answer else 0)
            if trio.current_time() + pause > give_up:
                break
            await trio.sleep(pause)
        return []

    async def _ask(self, connection: HttpConnection, request: bytes) -> Answer | None:
        """The answer; None if there was none in time."""
        with trio.move_on_after(self._options.deadline):
            try:
                return await connection.request(request)
            except ConnectionLostError:
                return None
        return None

    def _keep(self, batch: list[PushItem], results: list[ItemResult], began: float) -> None:
        number, ended = next(self._numbers), trio.current_time()
        for item, result in zip(batch, results or [UNANSWERED] * len(batch), strict=True):
            poison = next((kind for kind, mark in MARKS.items() if item.data["thing1"].startswith(mark)), "")
            row = ledger_row(
                item, result, batch=number, began=began - self.began, ended=ended - self.began, poison=poison
            )
            self.rows.append(row)
            self._acked += row.acked
        if self._on_progress is not None:
            self._on_progress(len(self.rows), self._acked)


async def run_campaign(options: CampaignOptions, on_progress: Progress | None = None) -> CampaignLedger:
    """Enqueue the campaign and return what was acknowledged.

    Raises ValueError for an impossible url and, in a group, CampaignRefusedError if the gateway refuses its key,
    account or form.
    """
    campaign = _Campaign(options, on_progress, f"run{time.time_ns():x}")
    async with trio.open_nursery() as nursery:
        for _ in range(options.connections):
            nursery.start_soon(campaign.work)
    return CampaignLedger(campaign.rows, trio.current_time() - campaign.began, campaign.began)
