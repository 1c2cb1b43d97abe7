"""What `/metrics` shows of the store, read by the one process that exports."""

from collections.abc import Iterator, Sequence

import structlog
import trio

from monitoring import names
from monitoring.gauges import Reading
from queues.account import Account
from queues.account_stats import AccountStats, read_account_stats
from queues.errors import StoreMismatchError, StoreUnavailableError
from queues.settings import StoreSettings
from queues.stats import StoreStats, read_stats
from queues.store import Store, open_store
from runtime.version import VERSION, commit

log = structlog.get_logger()

_RETRY_SECONDS = 1.0


class StoreGauges:
    """Reads the store once a scrape, in the loop's thread, for the exporter's."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = accounts
        self._store: Store | None = None
        self._token = trio.lowlevel.current_trio_token()

    async def run(self, settings: StoreSettings) -> None:
        """Hold a connection to the store until cancelled; there are no readings while it cannot be reached."""
        while True:
            try:
                async with open_store(settings) as self._store:
                    await trio.sleep_forever()
            except StoreUnavailableError:
                await trio.sleep(_RETRY_SECONDS)
            except StoreMismatchError as error:
                log.warning("no queue metrics", reason=str(error))
                return

    def read(self) -> list[Reading]:
        """The readings now; called in the exporter's thread."""
        built = Reading(names.BUILD_INFO, (VERSION, commit()), 1)
        try:
            stats = trio.from_thread.run(self._stats, trio_token=self._token)
        except (trio.RunFinishedError, trio.Cancelled):
            stats = None
        return [built, *(_readings(*stats) if stats is not None else ())]

    async def _stats(self) -> tuple[StoreStats, AccountStats] | None:
        store = self._store
        if store is None:
            return None
        try:
            return await store.call(
                "stats",
                lambda client: (read_stats(client, store.shards), read_account_stats(client, self._accounts)),
            )
        except StoreUnavailableError:
            return None


def _readings(stats: StoreStats, accounts: AccountStats) -> Iterator[Reading]:
    yield Reading(names.STORE_MEMORY_BYTES, (), stats.memory_bytes)
    for queue in stats.queues:
        labels = (queue.account, queue.queue)
        yield Reading(names.QUEUE_DEPTH, labels, queue.depth)
        yield Reading(names.QUEUE_OLDEST_SECONDS, labels, queue.oldest_seconds)
        yield Reading(names.QUEUE_PENDING, labels, queue.pending)
    for quota in accounts.quotas:
        yield Reading(names.QUOTA_LIMIT, (quota.account, quota.api), quota.limit)
        yield Reading(names.QUOTA_SPENT, (quota.account, quota.api), quota.spent)
        yield Reading(names.QUOTA_PARKED, (quota.account, quota.api), quota.held)
    for token in accounts.tokens:
        yield Reading(names.TOKEN_AGE_SECONDS, (token.account,), token.age_seconds)
