"""What `/metrics` shows of the store, read by the one process that exports it."""

import math
from collections.abc import Sequence

import structlog
import trio

from monitoring import names
from monitoring.gauges import Reading
from queues.account import Account
from queues.errors import StoreMismatchError, StoreUnavailableError
from queues.readings.figures import read_figures
from queues.readings.gauge_lease import release_gauges
from queues.settings import StoreSettings
from queues.store import Store, open_store
from runtime.telemetry.gauge_readings import GaugeReadings
from runtime.version import VERSION, commit

log = structlog.get_logger()

_RETRY_SECONDS = 1.0
_FRESH_SECONDS = 1.0
"""Two Prometheus servers that scrape at the same moment are given the same figures."""
_LEASE_SCRAPES = 3
_LEASE_SECONDS = (5.0, 180.0)
"""The lease on the gauges outlives so many scrapes, within these bounds."""


class StoreGauges:
    """Reads the store once a scrape, in the loop's thread, for the exporter's."""

    def __init__(self, accounts: Sequence[Account], settings: StoreSettings) -> None:
        self._settings = settings
        self.show(accounts)
        self._holder = ""
        self._store: Store | None = None
        self._token = trio.lowlevel.current_trio_token()
        self._reading = trio.Lock()
        self._read_at = -math.inf
        self._last: list[Reading] = []

    def show(self, accounts: Sequence[Account]) -> None:
        """From now on these accounts, as a new configuration has them; how fast they send is learnt anew."""
        self._accounts = accounts
        self._readings = GaugeReadings([account.name for account in accounts], self._settings)

    async def run(self, holder: str) -> None:
        """Hold a connection to the store until cancelled; `holder` tells this exporter from all others of the store.

        There are no readings while the store cannot be reached.
        """
        self._holder = holder
        while True:
            try:
                async with open_store(self._settings) as self._store:
                    await self._until_cancelled(self._store)
            except StoreUnavailableError:
                await trio.sleep(_RETRY_SECONDS)
            except StoreMismatchError as error:
                log.warning("no queue metrics", reason=str(error))
                return

    def read(self) -> list[Reading]:
        """The readings now; called in the exporter's thread."""
        built = Reading(names.BUILD_INFO, (VERSION, commit()), 1)
        try:
            return [built, *trio.from_thread.run(self._look, trio_token=self._token)]
        except (trio.RunFinishedError, trio.Cancelled):
            return [built]

    async def _until_cancelled(self, store: Store) -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.move_on_after(_RETRY_SECONDS, shield=True):
                try:
                    await release_gauges(store, self._holder)
                except StoreUnavailableError:
                    log.info("the gauges' lease is left to end by itself")

    async def _look(self) -> list[Reading]:
        async with self._reading:
            now = trio.current_time()
            if now - self._read_at >= _FRESH_SECONDS:
                lease = min(max(_LEASE_SCRAPES * (now - self._read_at), _LEASE_SECONDS[0]), _LEASE_SECONDS[1])
                self._last = await self._ask(lease, now)
                self._read_at = now
            return self._last

    async def _ask(self, lease_seconds: float, now: float) -> list[Reading]:
        if self._store is None:
            return [Reading(names.STORE_UP, (), 0)]
        try:
            figures = await read_figures(self._store, self._accounts, holder=self._holder, lease_seconds=lease_seconds)
        except StoreUnavailableError:
            return [Reading(names.STORE_UP, (), 0)]
        up = Reading(names.STORE_UP, (), 1)
        return [up] if figures is None else [up, *self._readings.of(figures, now)]
