"""Keeps one slot filled with a living worker."""

import socket
from pathlib import Path

import structlog
import trio

from monitoring.slots import release_slot
from runtime.children.backoff import Backoff
from runtime.errors import ConfigurationError
from runtime.supervision.worker import Worker
from runtime.supervision.worker_channel import Assignment, Reply

log = structlog.get_logger()

_REPLY_SECONDS = 60.0
"""A worker that has not replied after this long hangs; it is ended and another is started."""

_EXIT_SECONDS = 5.0
"""How long a worker that gave up may take to exit, after which its status says why."""

_SETTLED_SECONDS = 5.0
"""A worker that lived this long gets its next restart at once again."""


class Keeper:
    """Starts the worker of one assignment, and again whenever it ends, until told to stop."""

    def __init__(self, assignment: Assignment, grace_seconds: float, listener: socket.socket | None = None) -> None:
        """`grace_seconds`: how long a worker may drain before it is killed. `listener`: what it accepts from.

        We hold a descriptor of our own to it: connections that come while there is no worker wait for the next one.
        """
        self._listener = None if listener is None else listener.dup()
        self.assignment = assignment
        self.worker: Worker | None = None
        self._grace_seconds = grace_seconds
        self._stopping = trio.Event()
        self._ended = trio.Event()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the slot filled until `stop`; started once the first worker is ready.

        Raises:
            ConfigurationError: The first worker found that the configuration is wrong.
        """
        backoff = Backoff()
        announced = False
        try:
            while not self._stopping.is_set():
                began = trio.current_time()
                reply = await self._live(None if announced else task_status)
                announced = announced or reply is not None
                if self._stopping.is_set():
                    break
                if trio.current_time() - began >= _SETTLED_SECONDS:
                    backoff.reset()
                await self._pause(backoff.after(lived=reply is not None))
        finally:
            self._close_listener()
            self._ended.set()

    async def stop(self) -> None:
        """Drain the worker, kill it if that takes too long, and return when it has ended."""
        self._stopping.set()
        self._close_listener()
        if self.worker is not None:
            await self.worker.stop(self._grace_seconds)
        await self._ended.wait()

    def _close_listener(self) -> None:
        """Close our descriptor: a queue that no worker will accept from must not take connections."""
        if self._listener is not None:
            self._listener.close()

    async def _live(self, task_status: trio.TaskStatus[None] | None) -> Reply | None:
        """One worker's life; its reply, if it came that far."""
        worker = self.worker = Worker(self.assignment, self._listener)
        reply = None
        try:
            with trio.move_on_after(_REPLY_SECONDS):
                reply = await worker.introduce()
                if reply is not None and reply.fault:
                    self._refuse(reply.fault, first=task_status is not None)
                    reply = None
            if reply is None:
                with trio.move_on_after(_EXIT_SECONDS):
                    await worker.process.wait()
            else:
                log.info("a worker is ready", slot=self.assignment.slot, worker_pid=worker.process.pid)
                if task_status is not None:
                    task_status.started()
                await worker.process.wait()
        finally:
            await worker.stop(self._grace_seconds)
            release_slot(Path(self.assignment.metrics), self.assignment.slot)
        return reply

    def _refuse(self, fault: str, *, first: bool) -> None:
        """A configuration that never worked is an error; one that did must have met a changed store, and may again."""
        if first:
            raise ConfigurationError(fault)
        log.error("a worker refuses its configuration", slot=self.assignment.slot, fault=fault)

    async def _pause(self, seconds: float) -> None:
        worker = self.worker
        status = worker.process.status if worker is not None else None
        log.warning("a worker ended", slot=self.assignment.slot, status=status, restart_in_seconds=seconds)
        with trio.move_on_after(seconds):
            await self._stopping.wait()
