"""The run itself: a stand, a Prometheus that scrapes it, a rehearsal, and one more scrape."""

import os
import signal
import time
from collections.abc import Callable

import trio
from msgspec import Struct

from loadtests.audit.platform_reader import PlatformReader
from loadtests.audit.report import AuditReport
from loadtests.monitored.comparison import Compared, Found, compare
from loadtests.monitored.dashboards import Silent, silent_panels
from loadtests.monitored.prometheus import Prometheus, open_prometheus
from loadtests.rehearsal import Plan, Progress, rehearse_on
from loadtests.stand.stand import Stand, open_stand

_SCRAPED_SECONDS = 120.0
_LOOK_SECONDS = 0.2
_RELOAD_AFTER_SECONDS = 2.0


class Monitored(Struct, frozen=True, kw_only=True):
    """What came of it. `fired` are alerts that fired at any time, `pending` those whose condition held for a moment."""

    report: AuditReport
    drained: bool
    compared: list[Compared]
    fired: list[str]
    pending: list[str]
    silent: list[Silent]
    panels: int
    began: float
    ended: float

    @property
    def differing(self) -> list[Compared]:
        return [each for each in self.compared if not each.equal]

    @property
    def passed(self) -> bool:
        return self.report.passed and self.drained and not (self.differing or self.fired or self.silent)


async def run_monitored(plan: Plan, look: Callable[[Prometheus, float, float], None] | None = None) -> Monitored:
    """Run the plan under the eyes of Prometheus; all workers are replaced on the way, as in a rolling restart.

    `look` is called (in a thread) when all is done, with the times between which it happened.

    Raises:
        StandError: a process did not start.
        PrometheusMissingError: it is not installed.
    """
    async with (
        open_stand(plan.platform, plan.stand, plan.more) as stand,
        open_prometheus(stand.folder, await metrics_of(stand)) as seen,
    ):
        await _scraped_after(seen, 0)  # it looks for its targets only some seconds after its start
        began = time.time()
        rehearsed = await rehearse_on(stand, plan, Progress(), _reload)
        await _scraped_after(seen, time.time())
        platform = await trio.to_thread.run_sync(PlatformReader(stand.platform_url).view)
        found = Found(
            report=rehearsed.report,
            spike=rehearsed.spike.rows,
            campaign=rehearsed.campaign.rows,
            platform=platform,
        )
        compared = await trio.to_thread.run_sync(compare, found, seen.total)
        ended = time.time()
        if look is not None:
            await trio.to_thread.run_sync(look, seen, began, ended)
        panels, silent = await trio.to_thread.run_sync(silent_panels, seen)
        return Monitored(
            report=rehearsed.report,
            drained=rehearsed.drained,
            compared=compared,
            fired=await _alerts(seen, "firing"),
            pending=await _alerts(seen, "pending"),
            silent=silent,
            panels=panels,
            began=began,
            ended=ended,
        )


async def metrics_of(stand: Stand) -> str:
    """Where the stand's `/metrics` answers, as `serve` logs it."""
    while not (address := stand.metrics_address):  # noqa: ASYNC110  another process's log has no event to wait for
        await trio.sleep(_LOOK_SECONDS)
    return address


async def _reload(stand: Stand, _progress: Progress) -> None:
    """Replace every worker: counters must go on where they stood."""
    await trio.sleep(_RELOAD_AFTER_SECONDS)
    os.kill(stand.serve_pid, signal.SIGHUP)


async def _scraped_after(prometheus: Prometheus, moment: float) -> None:
    """Wait for a scrape whose look at the store began after this moment: it may show one of the second before."""
    with trio.fail_after(_SCRAPED_SECONDS):
        while True:
            scraped = await trio.to_thread.run_sync(prometheus.query, "timestamp(tidegate_store_up)")
            if scraped and scraped[0].last > moment + 1:
                return
            await trio.sleep(_LOOK_SECONDS)


async def _alerts(prometheus: Prometheus, state: str) -> list[str]:
    query = f'count by (alertname) (last_over_time(ALERTS{{alertstate="{state}"}}[1h]))'
    found = await trio.to_thread.run_sync(prometheus.query, query)
    return sorted(series.labels["alertname"] for series in found)
