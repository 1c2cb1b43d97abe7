"""The sender tasks of a process: as many as there is work for, up to the bound, started when they are first needed."""

import trio

from pushers.room import Room
from pushers.sender import Job, Sender


class Crew:
    """Hands jobs to sender tasks in `nursery`. The queue between is bounded by the room: each job has a place."""

    def __init__(self, sender: Sender, room: Room, nursery: trio.Nursery, *, most: int, queued: int) -> None:
        self._sender = sender
        self._room = room
        self._nursery = nursery
        self._most = most
        self._started = 0
        self._jobs, self._waiting = trio.open_memory_channel[Job](queued)

    def submit(self, job: Job) -> None:
        """Never blocks, as the job's place is reserved."""
        self._jobs.send_nowait(job)
        if self._started < self._most and self._started < self._room.total_used:
            self._started += 1
            self._nursery.start_soon(self._sender.serve, self._waiting.clone())

    def close(self) -> None:
        """No more jobs; the tasks end when those they have are done."""
        self._jobs.close()
        self._waiting.close()
