"""When faults come, on trio's mock clock: in order, as often as asked, and the same for the same seed."""

import random
from typing import cast

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.faults.signals import choose
from loadtests.chaos.scene import Scene
from loadtests.chaos.schedule import commit_all
from loadtests.rehearsal import Progress
from loadtests.stand.options import StandOptions


class Recorded(Fault, frozen=True, kw_only=True, tag="recorded"):
    """Writes down when it came and what its chances were."""

    name: str = ""
    seconds: float = 0

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        log(scene).append((self.name, round(trio.current_time(), 2), chance.random()))
        await trio.sleep(self.seconds)


class FakeScene:
    """What the schedule looks at."""

    def __init__(self) -> None:
        self.progress = Progress(generating=2)
        self.log: list[tuple[str, float, float]] = []
        self.stand = self
        self.options = StandOptions(gateways=3, pushers=2)


def log(scene: Scene) -> list[tuple[str, float, float]]:
    return cast("FakeScene", scene).log


async def committed(*faults: Fault, seed: int = 1, load_seconds: float = 10) -> list[tuple[str, float, float]]:
    """Run the faults beside a load of 100 callbacks a second."""
    scene = FakeScene()

    async def load() -> None:
        for _ in range(int(load_seconds * 100)):
            await trio.sleep(0.01)
            scene.progress.callbacks_ended += 1
        scene.progress.generating = 0

    async with trio.open_nursery() as nursery:
        nursery.start_soon(load)
        await commit_all(cast("Scene", scene), list(enumerate(faults)), seed, callbacks=int(load_seconds * 100))
    return scene.log


async def test_faults_come_at_their_moments_whatever_their_place_in_the_file(autojump_clock):
    came = await committed(
        Recorded(name="late", at=4.0), Recorded(name="half", at="50%"), Recorded(name="early", at=1.0)
    )
    assert [name for name, _, _ in came] == ["early", "late", "half"]
    assert [came[0][1], came[1][1]] == [1.0, 4.0]
    assert 5.0 <= came[2][1] < 5.1


async def test_a_fault_may_come_again_some_times_even_while_the_one_before_lasts(autojump_clock):
    came = await committed(Recorded(at=1.0, every=0.5, times=3, seconds=9))
    assert [at for _, at, _ in came] == [1.0, 1.5, 2.0]


async def test_without_times_it_comes_again_until_the_load_ends(autojump_clock):
    came = await committed(Recorded(at=8.0, every=0.5), load_seconds=10)
    assert [at for _, at, _ in came] == [8.0, 8.5, 9.0, 9.5, 10.0][: len(came)]
    assert len(came) >= 4


async def test_without_every_it_comes_once(autojump_clock):
    assert len(await committed(Recorded(at=0.0))) == 1


async def test_a_share_that_is_never_reached_comes_with_the_end_of_the_load(autojump_clock):
    scene = FakeScene()
    scene.progress.generating = 0
    await commit_all(cast("Scene", scene), [(0, Recorded(at="90%"))], 1, callbacks=100)
    assert len(scene.log) == 1


async def test_the_same_seed_gives_the_same_chances_and_another_seed_others(autojump_clock):
    faults = (Recorded(name="a", at=1.0, every=0.5, times=3), Recorded(name="b", at=1.2))
    first, again, other = [await committed(*faults, seed=seed) for seed in (5, 5, 6)]
    chances = [[chance for _, _, chance in each] for each in (first, again, other)]
    assert chances[0] == chances[1]
    assert not set(chances[0]) & set(chances[2])
    assert len(set(chances[0])) == 4


async def test_a_faults_chances_do_not_depend_on_the_other_faults(autojump_clock):
    alone = await committed(Recorded(name="a", at=1.0))
    accompanied = await committed(Recorded(name="a", at=1.0), Recorded(name="b", at=0.5))
    assert alone[0][2] == accompanied[1][2]


def test_a_victim_is_drawn_from_all_processes_of_its_role():
    scene = cast("Scene", FakeScene())
    drawn = {choose(scene, ("gateway", "pusher"), random.Random(seed)) for seed in range(100)}
    assert drawn == {"gateway-0", "gateway-1", "gateway-2", "pusher-0", "pusher-1"}
    assert choose(scene, "store", random.Random(1)) == "store"
