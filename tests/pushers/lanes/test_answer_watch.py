"""Overdue answers are given up, never late and hardly early."""

import pytest
import trio

from pushers.lanes.answer_watch import LOOK_SECONDS, AnswerWatch


class Lane:
    """Stands for a lane: remembers when it was given up."""

    def __init__(self) -> None:
        self.given_up: float | None = None

    def give_up(self) -> None:
        self.given_up = trio.current_time()


@pytest.fixture
def watch(nursery) -> AnswerWatch:
    watch = AnswerWatch(5.0)
    nursery.start_soon(watch.run)
    return watch


async def test_an_overdue_answer_is_given_up_in_time(watch, autojump_clock):
    first, second = Lane(), Lane()
    began = trio.current_time()
    watch.begin(first, began)
    await trio.sleep(1.03)
    watch.begin(second, trio.current_time())
    await trio.sleep(10)
    assert first.given_up is not None
    assert second.given_up is not None
    assert 5 - 2 * LOOK_SECONDS <= first.given_up - began <= 5
    assert 6.03 - 2 * LOOK_SECONDS <= second.given_up - began <= 6.03


async def test_an_answer_that_came_is_left_alone(watch, autojump_clock):
    lane = Lane()
    watch.begin(lane, trio.current_time())
    await trio.sleep(4)
    watch.end(lane)
    watch.end(lane)
    await trio.sleep(10)
    assert lane.given_up is None
