"""Runs the platform simulator: composes its cores, its listener and its deliveries, in one nursery."""

import random
import time
from collections.abc import Callable
from functools import partial

import trio

from loadtests.http_client import parse_target
from loadtests.platform.app import Platform
from loadtests.platform.callbacks import Callback
from loadtests.platform.control import PREFIX, Control
from loadtests.platform.delay_line import DelayLine
from loadtests.platform.delivery import Deliverer, DeliveryRules
from loadtests.platform.envelope import Envelope
from loadtests.platform.http_server import Reply, Request, listen, serve
from loadtests.platform.ledger import Ledger, LedgerFile
from loadtests.platform.mark_fail import MarkFail
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.platform.outbox import Outbox

__all__ = ["SimulatorOptions", "run_simulator"]


class _Simulator:
    """The simulator's parts, wired to each other."""

    def __init__(self, options: SimulatorOptions, ledger: Ledger, wall: Callable[[], float]) -> None:
        self.delays = DelayLine()
        self.outboxes = {facts.name: self._outbox(facts, options, ledger, wall) for facts in options.every_account()}
        self._platform = Platform(options, ledger, emit=self._emit, wall=wall, monotonic=trio.current_time)
        self._control = Control(self._platform, self.outboxes, ledger, wall=wall, monotonic=trio.current_time)

    def handle(self, request: Request) -> Reply:
        if request.path.startswith(PREFIX):
            return self._control.handle(request)
        return self._platform.handle(request)

    def _emit(self, account: str, delay: float, callback: Callback) -> None:
        self.outboxes[account].emit(delay, callback)

    def _outbox(
        self, facts: AccountOptions, options: SimulatorOptions, ledger: Ledger, wall: Callable[[], float]
    ) -> Outbox:
        deliverer = Deliverer(
            Envelope(facts, random.Random(options.seed)),
            delivery_rules(options),
            MarkFail(options.mute_failures, options.mute_window, options.mute_seconds),
            ledger,
            target=parse_target(facts.callback_url) if facts.callback_url else None,
            random_source=random.Random(options.seed),
            wall=wall,
            account=facts.name,
        )
        return Outbox(
            self.delays,
            deliverer,
            disorder_share=options.disorder_share,
            disorder_seconds=options.disorder_seconds,
            seed=options.seed,
        )


def delivery_rules(options: SimulatorOptions) -> DeliveryRules:
    """What the options say of deliveries."""
    return DeliveryRules(
        connections=options.callback_connections,
        deliveries=options.callback_deliveries,
        seconds=options.callback_seconds,
        pause=options.callback_pause,
        duplicate_share=options.duplicate_share,
        fresh_query=options.callback_query == "fresh",
        any_status=options.callback_status == "any",
        keep_muted=options.mute_events == "kept",
    )


async def run_simulator(
    options: SimulatorOptions,
    *,
    wall: Callable[[], float] = time.time,
    task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve until cancelled; `task_status` gets the address (`http://HOST:PORT`) once it accepts connections.

    Raises ValueError for options that make no sense together and OSError if the address cannot be bound.
    """
    host, _, port = options.bind.rpartition(":")
    file = LedgerFile(options.ledger_path, options.ledger_max_bytes) if options.ledger_path else None
    try:
        simulator = _Simulator(options, Ledger(options.ledger_rows, file), wall)
        listener = listen(host.strip("[]"), int(port))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(simulator.delays.run)
            for outbox in simulator.outboxes.values():
                nursery.start_soon(outbox.deliverer.run)
            run = partial(serve, signed=bool(options.webhook_secret))
            nursery.start_soon(run, listener, simulator.handle, simulator.delays)
            bound = listener.getsockname()
            task_status.started(f"http://{host}:{bound[1]}")
    finally:
        if file is not None:
            file.close()
