"""Everything the metrics show of the store."""

from collections.abc import Sequence

from msgspec import Struct

from queues.account import Account
from queues.keys import GAUGES
from queues.readings.account_stats import AccountStats, read_account_stats
from queues.readings.gauge_lease import hold_gauges
from queues.readings.queue_stats import StoreStats, read_stats
from queues.readings.vitals import Vitals, read_vitals, together
from queues.store import Store


class Figures(Struct, frozen=True):
    """One look at the store; `proven`: every commit asks it for the proof that it is durable."""

    stats: StoreStats
    accounts: AccountStats
    vitals: Vitals
    proven: bool


async def read_figures(
    store: Store, accounts: Sequence[Account], *, holder: str, lease_seconds: float
) -> Figures | None:
    """Look, if `holder` has the gauges' lease or gets it; None if another process shows them.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    if not await store.call("figures", GAUGES, lambda client: hold_gauges(client, holder, lease_seconds)):
        return None
    stats = await read_stats(store)
    waiting = {(stat.account, stat.api) for stat in stats.queues if stat.account and stat.queue != "dead"}
    return Figures(
        stats,
        await read_account_stats(store, accounts, waiting),
        together(await store.ask_all("figures", read_vitals)),
        store.durability is not None and store.durability.proven,
    )
