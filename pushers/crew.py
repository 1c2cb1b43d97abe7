"""The sender tasks of a process: as many as there is work for, up to the bound, started when they are first needed."""

from collections.abc import Callable
from typing import Any

import outcome
import trio

from pushers.job import Job
from pushers.sender import Sender
from pushers.turn_queue import TurnQueue, line_of


class Crew:
    """Hands jobs to sender tasks in `nursery`. What waits is bounded by the room: each job has its place.

    A job goes straight to the task that was idle last, whose connection is the least likely to be dead; a memory
    channel would cost several times as much.
    """

    def __init__(self, sender: Sender, nursery: trio.Nursery, *, most: int) -> None:
        self._sender = sender
        self._nursery = nursery
        self._most = most
        self._started = 0
        self._jobs: TurnQueue[Job] = TurnQueue()
        self._idle: list[trio.lowlevel.Task] = []
        self._closed = False

    def submit(self, job: Job) -> None:
        """Never blocks, as the job's place is reserved."""
        if self._idle:
            trio.lowlevel.reschedule(self._idle.pop(), outcome.Value(job))
            return
        self._jobs.add(line_of(job.claim.push), job)
        if self._started < self._most:
            self._started += 1
            self._nursery.start_soon(self._sender.serve, self._next)

    def close(self) -> None:
        """No more jobs; the tasks end when those they have are done."""
        self._closed = True
        while self._idle:
            trio.lowlevel.reschedule(self._idle.pop(), outcome.Value(None))

    async def _next(self) -> Job | None:
        """The next job for the calling task; None at the end."""
        if self._jobs:
            return self._jobs.pop()
        if self._closed:
            return None
        task = trio.lowlevel.current_task()
        self._idle.append(task)

        def abort(_: Callable[[], Any]) -> trio.lowlevel.Abort:
            self._idle.remove(task)
            return trio.lowlevel.Abort.SUCCEEDED

        job: Job | None = await trio.lowlevel.wait_task_rescheduled(abort)
        return job
