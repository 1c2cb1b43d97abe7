"""A spike of callbacks against one URL, with the platform's own manners (§1.4).

How it works: a fixed number of connections, each with one callback at a time (closed loop). A callback is delivered up
to three times, five seconds each, and a share of those that were answered comes once more a little later, as happens
when the platform misses our answer. The ledger says which of them the gateway acknowledged.
"""

import itertools
import random
import time
from collections import deque
from collections.abc import Callable

import trio
from msgspec import Struct

from loadtests.generators.callback_mix import mixed_callbacks
from loadtests.http_client import HttpConnection, Target, parse_target
from loadtests.ledgers import SpikeLedger, SpikeRow
from loadtests.platform.attempt import attempt
from loadtests.platform.callbacks import Callback
from loadtests.platform.envelope import Envelope
from loadtests.platform.options import CallbackKeys

_DELIVERIES = 3

Progress = Callable[[int, int], None]
"""Called with (callbacks ended, acknowledged) after each callback."""


class SpikeOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to send and how. Times in seconds; `url` is `http://HOST:PORT/callback/ACCOUNT`.

    No new callback is begun after `seconds` (0: no limit), and no more than `per_second` (0: no limit) over all
    connections; connections that wait for an answer make it fewer. `repeat_share` of the acknowledged callbacks are
    delivered once more. `pause` is the time after a delivery that found no gateway or was refused; it lets one that
    restarts come back within the three deliveries.
    """

    url: str
    account: CallbackKeys
    count: int = 20_000
    seconds: float = 0
    connections: int = 64
    per_second: float = 0
    deadline: float = 5.0
    pause: float = 0.5
    repeat_share: float = 0.1
    seed: int = 1


class _Outcome(Struct):
    """A callback under way; times by trio's clock, `ended` set with the counting answer or when it was given up."""

    callback: Callback
    answers: list[str]
    began: float
    ended: float = 0
    acked: bool = False
    latency: float = 0


class _Spike:
    def __init__(self, options: SpikeOptions, on_progress: Progress | None, wall: Callable[[], float]) -> None:
        self._options = options
        self._on_progress = on_progress
        self._wall = wall
        self._target: Target = parse_target(options.url)
        self._random = random.Random(options.seed)
        self._envelope = Envelope(options.account, random.Random(options.seed))
        self._fresh = itertools.islice(mixed_callbacks(options.account.original_id, options.seed, wall), options.count)
        self._repeats: deque[_Outcome] = deque()  # at most `repeat_share` of all
        self._turns = itertools.count()
        self._acked = 0
        self.began = trio.current_time()
        self.outcomes: list[_Outcome] = []

    async def work(self) -> None:
        connection = HttpConnection(self._target)
        try:
            while (callback := await self._next()) is not None:
                await self._deliver(connection, callback)
                if len(self._repeats) > self._options.connections:
                    await self._attempt(connection, self._repeats.popleft())
            while self._repeats:
                await self._attempt(connection, self._repeats.popleft())
        finally:
            connection.close()

    async def _next(self) -> Callback | None:
        """The next callback, when its turn has come; None after the last or when time is up."""
        options = self._options
        if options.per_second:
            turn = self.began + next(self._turns) / options.per_second
            await trio.sleep_until(turn)
        if options.seconds and trio.current_time() >= self.began + options.seconds:
            return None
        return next(self._fresh, None)

    async def _deliver(self, connection: HttpConnection, callback: Callback) -> None:
        outcome = _Outcome(callback, [], trio.current_time())
        for _ in range(_DELIVERIES):
            began = trio.current_time()
            outcome.acked = await self._attempt(connection, outcome)
            outcome.ended = trio.current_time()
            if outcome.acked:
                outcome.latency = outcome.ended - began
                break
        self.outcomes.append(outcome)
        self._acked += outcome.acked
        if outcome.acked and self._random.random() < self._options.repeat_share:
            self._repeats.append(outcome)
        if self._on_progress is not None:
            self._on_progress(len(self.outcomes), self._acked)

    async def _attempt(self, connection: HttpConnection, outcome: _Outcome) -> bool:
        ended = await attempt(
            connection,
            self._envelope,
            outcome.callback,
            now=self._wall(),
            seconds=self._options.deadline,
        )
        outcome.answers.append(ended.answer)
        if not ended.accepted and ended.answer != "timeout":  # which took long enough
            await trio.sleep(self._options.pause)
        return ended.accepted


async def run_spike(
    options: SpikeOptions, on_progress: Progress | None = None, *, wall: Callable[[], float] = time.time
) -> SpikeLedger:
    """Send the spike and return what became of it. Raises ValueError for an impossible url or key."""
    spike = _Spike(options, on_progress, wall)
    async with trio.open_nursery() as nursery:
        for _ in range(options.connections):
            nursery.start_soon(spike.work)
    rows = [
        SpikeRow(
            **each.callback.fields,
            acked=each.acked,
            answers=tuple(each.answers),
            latency=each.latency,
            began=each.began - spike.began,
            ended=each.ended - spike.began,
        )
        for each in spike.outcomes
    ]
    return SpikeLedger(rows, trio.current_time() - spike.began, spike.began)
