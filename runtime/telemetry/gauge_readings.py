"""What was read of the store, as gauges: every configured account has every queue, and no other account has a label."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from monitoring import names
from monitoring.gauges import Reading
from monitoring.zeros import OTHER, PRIORITIES
from queues.readings.account_stats import AccountStats, QuotaStat
from queues.readings.drain import Outflow, Pace, drain_seconds
from queues.readings.figures import Figures
from queues.readings.queue_stats import QueueStat, StoreStats
from queues.settings import StoreSettings

_QUEUES = (*PRIORITIES, "later", "dead")


class GaugeReadings:
    """Turns figures into readings; it remembers how fast each API sends, for the estimate of the drain."""

    def __init__(self, accounts: Sequence[str], settings: StoreSettings) -> None:
        self._accounts = accounts
        self._settings = settings
        self._paces: dict[tuple[str, str], Pace] = defaultdict(Pace)

    def of(self, figures: Figures, now: float) -> Iterator[Reading]:
        """All readings; `now` is monotonic."""
        yield from self._vitals(figures)
        yield from self._queues(figures.stats)
        for (account, queue), seconds in self._drains(figures, now).items():
            yield Reading(names.QUEUE_DRAIN_SECONDS, (account, queue), seconds)
        yield from _accounts(figures.accounts, self._accounts)

    def _vitals(self, figures: Figures) -> Iterator[Reading]:
        vitals, settings = figures.vitals, self._settings
        durable = vitals.durable(settings.durability, proven=figures.proven)
        values = {
            names.STORE_MEMORY_BYTES: vitals.memory_bytes,
            names.STORE_MAX_MEMORY_BYTES: vitals.max_memory_bytes,
            names.STORE_DURABLE: durable,
            names.STORE_REPLICAS: vitals.replicas,
            names.STORE_REPLICAS_NEEDED: settings.replicas if settings.durability == "replica" else 0,
            names.STORE_CLOCK_SKEW_SECONDS: vitals.clock_skew_seconds,
            names.STORE_CLIENTS: vitals.clients,
            names.STORE_CPU_SECONDS: vitals.cpu_seconds,
            names.STORE_COMMANDS: vitals.commands,
            names.STORE_EVICTED_KEYS: vitals.evicted_keys,
        }
        for family, value in values.items():
            yield Reading(family, (), value)

    def _queues(self, stats: StoreStats) -> Iterator[Reading]:
        total = {(account, queue): QueueStat(account, "", queue) for account in self._accounts for queue in _QUEUES}
        total["", "events"] = QueueStat("", "", "events")
        for stat in stats.queues:
            account = self._label(stat.account)
            known = total.get((account, stat.queue), QueueStat(account, "", stat.queue))
            total[account, stat.queue] = QueueStat(
                account,
                "",
                stat.queue,
                known.depth + stat.depth,
                max(known.oldest_seconds, stat.oldest_seconds),
                known.pending + stat.pending,
            )
        for labels, stat in total.items():
            yield Reading(names.QUEUE_DEPTH, labels, stat.depth)
            if stat.queue in {"later", "dead"}:
                continue  # whose the oldest is is not known without reading them all; see below
            yield Reading(names.QUEUE_OLDEST_SECONDS, labels, stat.oldest_seconds)
            yield Reading(names.QUEUE_PENDING, labels, stat.pending)
        yield Reading(names.QUEUE_OLDEST_SECONDS, ("", "later"), stats.overdue_seconds)
        yield Reading(names.QUEUE_OLDEST_SECONDS, ("", "dead"), stats.dead_seconds)

    def _drains(self, figures: Figures, now: float) -> Mapping[tuple[str, str], float]:
        """An account's queue of one priority is empty when that of its slowest API is."""
        depths: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(PRIORITIES, 0))
        for stat in figures.stats.queues:
            if stat.queue in PRIORITIES:
                depths[stat.account, stat.api][stat.queue] += stat.depth
        drains = {(account, queue): 0.0 for account in self._accounts for queue in PRIORITIES}
        for quota in figures.accounts.quotas:
            waiting = depths[quota.account, quota.api]
            pace = self._paces[quota.account, quota.api]
            pace.observe(now, quota.spent, waiting=any(waiting.values()))
            for queue, seconds in drain_seconds(waiting, _outflow(quota, pace, figures.accounts)).items():
                drains[quota.account, queue] = max(drains[quota.account, queue], seconds)
        return drains

    def _label(self, account: str) -> str:
        return account if not account or account in self._accounts else OTHER


def _outflow(quota: QuotaStat, pace: Pace, accounts: AccountStats) -> Outflow:
    limit = quota.limit
    per_second = pace.per_second(limit.per_second)
    return Outflow(
        per_second=math.inf if per_second is None else per_second,  # not seen yet: nothing says that it is slow
        left=max(0, limit.per_day - quota.spent) if limit.per_day else None,
        per_day=limit.per_day or None,
        reset_seconds=accounts.reset_seconds,
        held_seconds=quota.held_seconds,
    )


def _accounts(stats: AccountStats, accounts: Sequence[str]) -> Iterator[Reading]:
    for quota in stats.quotas:
        labels = (quota.account, quota.api)
        yield Reading(names.QUOTA_LIMIT, labels, quota.limit.per_day)
        yield Reading(names.QUOTA_SPENT, labels, quota.spent)
        yield Reading(names.QUOTA_PARKED, labels, quota.held)
    for account in accounts:
        yield Reading(names.ACCOUNT_STOPPED, (account,), account in stats.stopped)
    for token in stats.tokens:
        yield Reading(names.TOKEN_AGE_SECONDS, (token.account,), token.age_seconds)
