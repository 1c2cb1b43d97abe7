"""Delivers callbacks as the platform does: five seconds each, three times, then never again (§1.4)."""

import random
import time
from collections.abc import Callable

import trio
from msgspec import Struct

from loadtests.http_client import HttpConnection, Target
from loadtests.platform.attempt import Attempt, attempt
from loadtests.platform.callbacks import Callback
from loadtests.platform.envelope import Delivery, Envelope
from loadtests.platform.ledger import CallbackRow, Final, Ledger
from loadtests.platform.mark_fail import MarkFail

MAX_WAITING = 1_000_000
"""Callbacks that may wait for a connection (about 600 bytes each); what comes on top is lost, and counted."""


class DeliveryRules(Struct, frozen=True, kw_only=True):
    """How callbacks are delivered; times in seconds. The fields are explained in `SimulatorOptions`."""

    connections: int = 64
    deliveries: int = 3
    seconds: float = 5.0
    pause: float = 0
    duplicate_share: float = 0
    fresh_query: bool = True
    any_status: bool = False
    keep_muted: bool = False


class Deliverer:
    """Callbacks on their way to one URL over a fixed number of connections."""

    def __init__(
        self,
        envelope: Envelope,
        rules: DeliveryRules,
        mark_fail: MarkFail,
        ledger: Ledger,
        *,
        target: Target | None,
        random_source: random.Random,
        wall: Callable[[], float] = time.time,
        account: str = "",
    ) -> None:
        """`account` is the name that the ledger's rows bear."""
        self.target = target
        self.pending = 0
        self.mark_fail = mark_fail
        self._envelope = envelope
        self._rules = rules
        self._ledger = ledger
        self._random = random_source
        self._wall = wall
        self._account = account
        self._offers, self._waiting = trio.open_memory_channel[Callback](MAX_WAITING)

    def offer(self, callback: Callback) -> None:
        """Take a callback for delivery; it waits for a connection, unless there is nowhere to deliver it."""
        if self.target is None:
            self._record(callback, (), "no_url")
            return
        try:
            self._offers.send_nowait(callback)
        except trio.WouldBlock:
            self._record(callback, (), "overflow")
            return
        self.pending += 1

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            for _ in range(self._rules.connections):
                nursery.start_soon(self._work)

    async def _work(self) -> None:
        connection: HttpConnection | None = None
        try:
            async for callback in self._waiting:
                if connection is None or connection.target is not self.target:
                    connection = self._reconnect(connection)
                if connection is None:
                    self._record(callback, (), "no_url")
                else:
                    await self._deliver(connection, callback)
                self.pending -= 1
        finally:
            if connection is not None:
                connection.close()

    def _reconnect(self, connection: HttpConnection | None) -> HttpConnection | None:
        if connection is not None:
            connection.close()
        return None if self.target is None else HttpConnection(self.target)

    async def _deliver(self, connection: HttpConnection, callback: Callback) -> None:
        answers: list[str] = []
        final: Final = "dropped"
        repeated = None if self._rules.fresh_query else self._envelope.wrap(callback, self._wall())
        while len(answers) < self._rules.deliveries:
            if self._rules.keep_muted:
                await trio.sleep(self.mark_fail.remaining(trio.current_time()))
            if self.mark_fail.muted(trio.current_time()):
                final = "muted"
                break
            if answers and self._rules.pause:
                await trio.sleep(self._rules.pause)
            delivered = await self._attempt(connection, callback, repeated)
            answers.append(delivered.answer)
            if delivered.accepted:
                final = "acked"
                break
            self.mark_fail.failed(trio.current_time())
        if final == "acked" and self._rules.duplicate_share and self._random.random() < self._rules.duplicate_share:
            answers.append((await self._attempt(connection, callback, repeated)).answer)
        self._record(callback, tuple(answers), final)

    async def _attempt(self, connection: HttpConnection, callback: Callback, delivery: Delivery | None) -> Attempt:
        return await attempt(
            connection,
            self._envelope,
            callback,
            now=self._wall(),
            seconds=self._rules.seconds,
            delivery=delivery,
            any_status=self._rules.any_status,
        )

    def _record(self, callback: Callback, answers: tuple[str, ...], final: Final) -> None:
        self._ledger.called_back(
            CallbackRow(
                at=self._wall(),
                **callback.fields,
                status=callback.status,
                answers=answers,
                final=final,
                app_id=self._account,
            )
        )
