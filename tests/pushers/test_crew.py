"""Jobs go to idle sender tasks, and wait when there is none."""

from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing
from msgspec.structs import replace

from pushers.crew import Crew
from pushers.job import Job
from tests.pushers.makers import claim


def job(name: str, upstream: str = "violations") -> Job:
    """A job that is known by its push's id."""
    one = claim()
    return Job(replace(one, push=replace(one.push, id=name, upstream=upstream)), None, None, 0)  # type: ignore[arg-type]


class Worker:
    """Stands for a sender: keeps each job until it is told to go on."""

    def __init__(self) -> None:
        self.jobs: list[tuple[int, str]] = []
        self.tasks = 0
        self.ended = 0
        self.go_on = trio.Event()

    async def serve(self, next_job: Callable[[], Awaitable[Job | None]]) -> None:
        self.tasks += 1
        number = self.tasks
        while (given := await next_job()) is not None:
            self.jobs.append((number, given.claim.push.id))
            await self.go_on.wait()
        self.ended += 1


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def crew(worker, nursery) -> Crew:
    return Crew(worker, nursery, most=2)


async def test_no_more_tasks_than_the_bound_and_the_rest_waits(crew, worker):
    for name in ("a", "b", "c"):
        crew.submit(job(name))
    await trio.testing.wait_all_tasks_blocked()
    assert worker.jobs == [(1, "a"), (2, "b")]
    worker.go_on.set()
    await trio.testing.wait_all_tasks_blocked()
    assert [name for _, name in worker.jobs] == ["a", "b", "c"]


async def test_what_waits_goes_in_turns_by_upstream(crew, worker):
    worker.go_on.set()
    for name in ("f1", "f2", "f3", "f4"):
        crew.submit(job(name, "flood"))
    crew.submit(job("s1", "small"))
    await trio.testing.wait_all_tasks_blocked()
    assert [name for _, name in worker.jobs] == ["s1", "f1", "f2", "f3", "f4"]


async def test_an_idle_task_is_used_before_another_is_started(crew, worker):
    worker.go_on.set()
    for name in ("a", "b", "c"):
        crew.submit(job(name))
        await trio.testing.wait_all_tasks_blocked()
    assert worker.jobs == [(1, "a"), (1, "b"), (1, "c")]


async def test_after_close_what_waits_is_done_and_the_tasks_end(crew, worker):
    for name in ("a", "b", "c"):
        crew.submit(job(name))
    crew.close()
    worker.go_on.set()
    await trio.testing.wait_all_tasks_blocked()
    assert sorted(name for _, name in worker.jobs) == ["a", "b", "c"]
    assert worker.ended == 2


async def test_a_task_that_was_cancelled_is_given_no_job(worker):
    async with trio.open_nursery() as nursery:
        crew = Crew(worker, nursery, most=1)  # type: ignore[arg-type]
        worker.go_on.set()
        crew.submit(job("a"))
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    crew.submit(job("b"))
    assert worker.jobs == [(1, "a")]
