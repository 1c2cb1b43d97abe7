"""`serve`: the whole gateway on this machine.

How it works: nurseries, one in the other, in the order of what needs what. The outermost holds the embedded store, the
next the exporter, the innermost the workers; each ends before what it needs does. SIGTERM and SIGINT drain the workers;
SIGHUP reads the configuration again and puts new ones in their place.
"""

import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import structlog
import trio
from msgspec import structs

from monitoring.logs import configure_logging
from monitoring.slots import empty_slots, take_slot
from queues.account import Account
from queues.settings import StoreSettings
from runtime.configuration.settings import Settings
from runtime.embedded.store import EmbeddedStore
from runtime.errors import CommandError
from runtime.notifier import Notifier
from runtime.port import Port
from runtime.supervision.crew import Crew

log = structlog.get_logger()


class Supervisor:
    """One `serve`, from its start to its end."""

    def __init__(self, settings: Settings, reread: Callable[[], Settings], announce: Callable[[str], None]) -> None:
        """`reread` reads the configuration again; `announce` is given the line that says we are ready."""
        self._settings = settings
        self._reread = reread
        self._announce = announce
        self._drain = trio.Event()
        self._reload = trio.Event()
        self._starting = trio.CancelScope()
        self._notifier = Notifier()
        self._metrics_port: Port | None = None
        self._show_accounts: Callable[[Sequence[Account]], None] = lambda _: None

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises:
            CommandError: It cannot start.
        """
        with ExitStack() as held:
            self._port = Port("server.bind", self._settings.server.bind)
            held.callback(lambda: self._port.close())  # noqa: PLW0108  a reload may have put another there
            if self._settings.metrics.bind:
                self._metrics_port = Port("metrics.bind", self._settings.metrics.bind)
                held.callback(self._metrics_port.close)
            embedded, metrics = self._directories(held)
            take_slot(metrics, "supervisor")
            async with trio.open_nursery() as nursery:
                await nursery.start(self._handle_signals)
                nursery.start_soon(self._notifier.watch)
                await self._run_workers(nursery, embedded, metrics)
                nursery.cancel_scope.cancel()

    @property
    def _url(self) -> str:
        return self._port.url(tls=bool(self._settings.server.tls))

    def _directories(self, held: ExitStack) -> tuple[EmbeddedStore | None, Path]:
        """The embedded store, if that is what is configured, and an empty directory for the metrics' files."""
        if self._settings.store.url != "embedded":
            metrics = Path(tempfile.mkdtemp(prefix="tidegate-metrics-"))
            held.callback(shutil.rmtree, metrics, ignore_errors=True)
            return None, metrics
        embedded = EmbeddedStore(self._settings.store)
        embedded.directory.create()
        held.enter_context(embedded.directory.held())
        embedded.directory.create_metrics()
        empty_slots(embedded.directory.metrics)
        held.callback(shutil.rmtree, embedded.directory.metrics, ignore_errors=True)
        return embedded, embedded.directory.metrics

    async def _handle_signals(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            task_status.started()
            async for number in signals:
                if number == signal.SIGHUP:
                    self._reload.set()
                    continue
                log.info("draining", signal=signal.Signals(number).name)
                self._notifier.stopping()
                self._drain.set()
                self._starting.cancel()

    async def _run_workers(self, outermost: trio.Nursery, embedded: EmbeddedStore | None, metrics: Path) -> None:
        async with trio.open_nursery() as support:
            async with trio.open_nursery() as keepers:
                crew = Crew(keepers, metrics)
                with self._starting:
                    store = self._settings.store
                    if embedded is not None:
                        store = structs.replace(store, url=await outermost.start(embedded.run))
                    settings = structs.replace(self._settings, store=store)
                    await crew.start("gateway", settings, self._port.socket)
                if not self._starting.cancel_called:
                    await self._serve(crew, settings, support, metrics)
                self._port.close()  # the last one but the workers': a connection must not wait in a queue that ends
                await crew.stop()
            support.cancel_scope.cancel()

    async def _serve(self, crew: Crew, settings: Settings, support: trio.Nursery, metrics: Path) -> None:
        """Say that the gateways are ready, and start and look after all else, until the drain."""
        if self._metrics_port:
            self._metrics_port.listen()  # from now on a scrape waits for the exporter instead of being refused
        self._announce(f"ready: {self._url}")
        self._notifier.ready(f"serving {self._url}")
        # The rest is not what callers wait for, and would take the processor from the gateways' start.
        async with trio.open_nursery() as upkeep:
            upkeep.start_soon(self._start_exporter, support, settings, metrics)
            upkeep.start_soon(self._start_pushers_and_reload, crew, settings)
            await self._drain.wait()
            upkeep.cancel_scope.cancel()

    async def _start_exporter(self, support: trio.Nursery, settings: Settings, metrics: Path) -> None:
        from monitoring.process_watch import watch_process  # noqa: PLC0415  brings the metrics; see the caller
        from runtime.telemetry.metrics_service import serve_metrics  # noqa: PLC0415  brings the store's client; see the caller

        support.start_soon(watch_process, "supervisor")
        if self._metrics_port:
            self._show_accounts = await support.start(serve_metrics, settings, metrics, self._metrics_port.socket)
        self._show_accounts(self._settings.accounts)  # there may be others by now

    async def _start_pushers_and_reload(self, crew: Crew, settings: Settings) -> None:
        await crew.start("pusher", settings, self._port.socket)
        while True:
            await self._reload.wait()
            self._reload = trio.Event()
            self._notifier.reloading()
            try:
                await self._apply(self._reread(), crew, settings.store)
            except CommandError as error:
                log.error("the configuration is not applied", reason=str(error))  # noqa: TRY400  the line says it all
            else:
                log.info("the new configuration is applied")
            self._notifier.ready(f"serving {self._url}")

    async def _apply(self, settings: Settings, crew: Crew, store: StoreSettings) -> None:
        """Replace the workers by new ones with these settings."""
        for section in ("store", "metrics"):
            if getattr(settings, section) != getattr(self._settings, section):
                raise CommandError(f"{section}: changed; that takes a restart of serve")
        port = self._port
        new_port = port if settings.server.bind == port.bind else Port("server.bind", settings.server.bind)
        try:
            await crew.replace(structs.replace(settings, store=store), new_port.socket)
        except BaseException:
            if new_port is not port:
                new_port.close()
            raise
        configure_logging("supervisor", level=settings.logs.level, form=settings.logs.format, again=True)
        self._settings = settings
        self._show_accounts(settings.accounts)
        self._port = new_port
        if new_port is not port:
            port.close()
