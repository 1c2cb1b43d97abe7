"""R1: gateways and pushers are killed (-9) in the middle of a burst; nothing that was acknowledged may be lost.

`python -m loadtests.chaos.r1` ends with one JSON line and the audit's exit status. What must hold: 0 lost, 0 events
appended twice, 0 pushes delivered twice by a platform that honours `client_msg_id`, and no more pushes sent twice than
were in flight at the kills.
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Annotated

import msgspec
import trio
import typer
from msgspec import Struct
from rich.console import Console

from loadtests.audit.summary import render
from loadtests.chaos.processes import kill, workers
from loadtests.options import SimulatorOptions
from loadtests.rehearsal import Plan, Progress, Rehearsed, rehearse
from loadtests.stand import Stand

_LOOK_SECONDS = 0.02
_RETURN_SECONDS = 10.0
_ROLES = ("gateway", "pusher")
IN_FLIGHT = 200  # the pushers' default, hence the most that one kill may send twice


class Verdict(Struct, frozen=True, kw_only=True):
    """What R1 asks for, as figures."""

    test: str = "R1"
    killed: dict[str, int]
    callbacks_acked: int
    pushes_acked: int
    lost: int
    events_appended_twice: int
    pushes_sent_twice: int
    pushes_delivered_twice: int
    drained: bool
    passed: bool


class Killer:
    """Kills one worker of each role every time another share of the callbacks has ended."""

    def __init__(self, plan: Plan, rounds: int, seed: int) -> None:
        self._marks = [plan.callbacks * number // (rounds + 1) for number in range(1, rounds + 1)]
        self._random = random.Random(seed)
        self.killed = dict.fromkeys(_ROLES, 0)

    async def __call__(self, stand: Stand, progress: Progress) -> None:
        for mark in self._marks:
            await _until(partial(_reached, progress, mark))
            for role in _ROLES:
                # The one that was killed before may still be on its way back.
                with trio.move_on_after(_RETURN_SECONDS):
                    await _until(partial(workers, stand.serve_pid, role))
                self.killed[role] += kill(self._random.choice(workers(stand.serve_pid, role)))


def _reached(progress: Progress, mark: int) -> bool:
    return progress.callbacks_ended >= mark


async def _until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 – other processes tell us nothing, so we look
        await trio.sleep(_LOOK_SECONDS)


def judge(killed: dict[str, int], rehearsed: Rehearsed) -> Verdict:
    """Hold the audit's report to what R1 asks for."""
    report = rehearsed.report
    sent_twice = report.pushes.repeats_dropped + report.pushes.accepted_twice_count
    return Verdict(
        killed=killed,
        callbacks_acked=report.callbacks.acked,
        pushes_acked=report.pushes.acked,
        lost=report.lost,
        events_appended_twice=report.appended_twice,
        pushes_sent_twice=sent_twice,
        pushes_delivered_twice=report.pushes.delivered_twice_count,
        drained=rehearsed.drained,
        passed=report.passed
        and all(killed.values())
        and report.pushes.delivered_twice_count == 0
        and sent_twice <= IN_FLIGHT * killed["pusher"],
    )


def rehearse_kills(plan: Plan, rounds: int, seed: int) -> tuple[Verdict, Rehearsed]:
    """Run the plan with that many rounds of kills."""
    killer = Killer(plan, rounds, seed)
    rehearsed = trio.run(rehearse, plan, Progress(), killer)
    return judge(killer.killed, rehearsed), rehearsed


def main(
    *,
    count: Annotated[int, typer.Option(help="callbacks, and pushes")] = 5_000,
    kills: Annotated[int, typer.Option(help="how often one of each role is killed")] = 1,
    seed: int = 1,
) -> None:
    """Burst, kill, audit."""
    platform = SimulatorOptions(latency_ms=50, receipt_delay=0.3, mute_failures=0, seed=seed)
    plan = Plan(platform=platform, callbacks=count, pushes=count, seconds=60, drain_seconds=60)
    verdict, rehearsed = rehearse_kills(plan, kills, seed)
    Console(stderr=True).print(render(rehearsed.report))
    print(msgspec.json.encode(verdict).decode())
    raise typer.Exit(0 if verdict.passed else 1)


if __name__ == "__main__":
    typer.run(main)
