"""Jobs go to idle sender tasks, and wait when there is none."""

from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing

from pushers.crew import Crew


class Worker:
    """Stands for a sender: keeps each job until it is told to go on."""

    def __init__(self) -> None:
        self.jobs: list[tuple[int, str]] = []
        self.tasks = 0
        self.ended = 0
        self.go_on = trio.Event()

    async def serve(self, next_job: Callable[[], Awaitable[str | None]]) -> None:
        self.tasks += 1
        number = self.tasks
        while (job := await next_job()) is not None:
            self.jobs.append((number, job))
            await self.go_on.wait()
        self.ended += 1


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def crew(worker, nursery) -> Crew:
    return Crew(worker, nursery, most=2)


async def test_no_more_tasks_than_the_bound_and_the_rest_waits(crew, worker):
    for job in ("a", "b", "c"):
        crew.submit(job)
    await trio.testing.wait_all_tasks_blocked()
    assert worker.jobs == [(1, "a"), (2, "b")]
    worker.go_on.set()
    await trio.testing.wait_all_tasks_blocked()
    assert [job for _, job in worker.jobs] == ["a", "b", "c"]


async def test_an_idle_task_is_used_before_another_is_started(crew, worker):
    worker.go_on.set()
    for job in ("a", "b", "c"):
        crew.submit(job)
        await trio.testing.wait_all_tasks_blocked()
    assert worker.jobs == [(1, "a"), (1, "b"), (1, "c")]


async def test_after_close_what_waits_is_done_and_the_tasks_end(crew, worker):
    for job in ("a", "b", "c"):
        crew.submit(job)
    crew.close()
    worker.go_on.set()
    await trio.testing.wait_all_tasks_blocked()
    assert sorted(job for _, job in worker.jobs) == ["a", "b", "c"]
    assert worker.ended == 2


async def test_a_task_that_was_cancelled_is_given_no_job(worker):
    async with trio.open_nursery() as nursery:
        crew = Crew(worker, nursery, most=1)  # type: ignore[arg-type]
        worker.go_on.set()
        crew.submit("a")  # type: ignore[arg-type]
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    crew.submit("b")  # type: ignore[arg-type]
    assert worker.jobs == [(1, "a")]
