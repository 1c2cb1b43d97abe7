"""Commits a scenario's faults when their time has come; a run with the same seed commits the same."""

import random
from collections.abc import Sequence

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.moment import Moment
from loadtests.chaos.scene import LOOK_SECONDS, Scene


def chance_of(seed: int, number: int, time: int) -> random.Random:
    """The chances of one time of one fault: the same whatever the others did and however long they took."""
    return random.Random(f"{seed}:{number}:{time}")


async def commit_all(scene: Scene, faults: Sequence[tuple[int, Fault]], seed: int, callbacks: int) -> None:
    """Commit the faults, each numbered by its place in the file; return when all are healed.

    `callbacks` is how many the load has, for moments that are a share of it.
    """
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        for number, fault in faults:
            nursery.start_soon(_commit, scene, fault, number, seed, began, callbacks)


async def _commit(scene: Scene, fault: Fault, number: int, seed: int, began: float, callbacks: int) -> None:
    await _moment(scene, fault.moment, began, callbacks)
    due = trio.current_time()
    time = 0
    async with trio.open_nursery() as committing:
        while time == 0 or (time < fault.times if fault.times else fault.every and scene.progress.generating):
            committing.start_soon(fault.commit, scene, chance_of(seed, number, time))
            time += 1
            due += fault.every
            await trio.sleep_until(due)


async def _moment(scene: Scene, moment: Moment, began: float, callbacks: int) -> None:
    """Wait for the moment; a share that will never be reached comes with the generators' end."""
    if moment.share is None:
        await trio.sleep_until(began + moment.seconds)
        return
    wanted = moment.share * callbacks
    while scene.progress.callbacks_ended < wanted and scene.progress.generating:  # noqa: ASYNC110  a counter tells nobody
        await trio.sleep(LOOK_SECONDS)
