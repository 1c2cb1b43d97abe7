"""Runs one scenario: the stand, the load, the faults, the audit, the verdict."""

import time
from functools import partial

import trio
from msgspec import Struct

from loadtests.audit.platform_reader import PlatformReader
from loadtests.audit.report import AuditReport
from loadtests.chaos.evidence import Evidence
from loadtests.chaos.expectation import ALWAYS, Judged, judge
from loadtests.chaos.exported import read_total
from loadtests.chaos.figures import figures_of, measure
from loadtests.chaos.leaks import find_leaks
from loadtests.chaos.scenario import Scenario
from loadtests.chaos.scene import Happening, Scene
from loadtests.chaos.schedule import commit_all
from loadtests.chaos.watch import Watch
from loadtests.rehearsal import Plan, Progress, Rehearsed, rehearse_on
from loadtests.stand.configuration import UPSTREAM_KEY
from loadtests.stand.stand import Stand, open_stand

LOST_BATCHES = "tidegate_store_lost_batches_total"


class Verdict(Struct, frozen=True, kw_only=True):
    """The one line a run ends with: what was expected of it, and the `figures` that nothing was expected of.

    `skipped` are faults this machine cannot do; `committed` says what is left.
    """

    scenario: str
    seed: int
    callbacks_acked: int
    pushes_acked: int
    seconds: float
    expectations: dict[str, Judged]
    figures: dict[str, float]
    faults: list[str]
    skipped: list[str]
    passed: bool


class Outcome(Struct, frozen=True):
    """The verdict, and the audit's whole report."""

    verdict: Verdict
    report: AuditReport


async def run_scenario(name: str, scenario: Scenario, *, seed: int = 1, scale: float = 1.0) -> Outcome:
    """Run it from an empty stand to the audit.

    Raises:
        StandError: a process did not start.
    """
    began = time.monotonic()
    missing = scenario.missing()
    plan = scenario.plan(seed, scale)
    faults = [(number, fault) for number, fault in enumerate(scenario.faults) if number not in missing]
    progress = Progress()
    async with open_stand(plan.platform, plan.stand, plan.more) as stand:
        scene = Scene(stand, progress)

        async def disturb(_stand: Stand, _progress: Progress) -> None:
            await commit_all(scene, faults, seed, plan.load.callbacks)

        watch = Watch(scene)
        async with trio.open_nursery() as watching:
            await watching.start(watch.run)
            rehearsed = await rehearse_on(stand, plan, progress, disturb)
            watching.cancel_scope.cancel()
        log = await trio.to_thread.run_sync(partial(stand.log.read_text, errors="replace"))
        reader = PlatformReader(stand.platform_url)
        summary = await trio.to_thread.run_sync(reader.summary)
        figures = measure(
            Evidence(
                rehearsed=rehearsed,
                happenings=scene.happenings,
                platform=await trio.to_thread.run_sync(reader.view),
                wall_offset=time.time() - trio.current_time(),
                waiting=0 if rehearsed.drained else max(1, progress.backlog),
                memory_peak_megabytes=watch.peak_megabytes,
                store_connections=await watch.store_connections(),
                tokens=summary.counts.get("tokens", 0),
                ledger_ahead=await scene.booked("template") - summary.spent_today,
                leaks=find_leaks(log, _secrets(plan), _recipients(rehearsed, progress)),
                log_lines=log.count("\n"),
                tracebacks=log.count("Traceback (most recent call last)"),
                lost_batches_told=await trio.to_thread.run_sync(read_total, stand.metrics_address, LOST_BATCHES),
            ),
            figures_of(scenario.faults),
        )
        scene.client.close()
    expectations = {figure: judge(expected, figures[figure]) for figure, expected in (ALWAYS | scenario.expect).items()}
    skipped = [f"faults[{number}] needs {lacks}" for number, lacks in missing.items()]
    verdict = Verdict(
        scenario=name,
        seed=seed,
        callbacks_acked=rehearsed.report.callbacks.acked,
        pushes_acked=rehearsed.report.pushes.acked,
        seconds=round(time.monotonic() - began, 1),
        expectations=expectations,
        figures={name: figure for name, figure in figures.items() if figure is not None and name not in expectations},
        faults=[_said(each, rehearsed.spike.began) for each in scene.happenings],
        skipped=skipped,
        passed=all(judged.met for judged in expectations.values()),
    )
    return Outcome(verdict, rehearsed.report)


def _secrets(plan: Plan) -> dict[str, str]:
    platform = plan.platform
    return {
        "app secret": platform.app_secret,
        "callback token": platform.token,
        "AES key": platform.aes_key,
        "upstream key": UPSTREAM_KEY,
    }


def _recipients(rehearsed: Rehearsed, progress: Progress) -> set[str]:
    return {row.openid for row in (*rehearsed.spike.rows, *progress.rows)} | {
        row.recipient for row in rehearsed.campaign.rows
    }


def _said(happening: Happening, began: float) -> str:
    when = f"{happening.began - began:.2f} s"
    until = f"–{happening.healed - began:.2f} s" if happening.healed else ""
    claimed = f"({happening.in_flight} claimed)" if happening.in_flight else ""
    return " ".join(filter(None, (when + until, happening.fault, happening.target, claimed, happening.note)))
