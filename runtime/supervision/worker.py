"""One worker process, as its supervisor sees it."""

import os
import socket
import sys
from pathlib import Path
from typing import Final

import trio
from msgspec import structs

from runtime.children.child_process import ChildProcess
from runtime.supervision.worker_channel import Assignment, Reply, receive_reply, send_assignment

_ROOT: Final = Path(__file__).parents[2]


class Worker:
    """A child that runs one role; it drains on SIGTERM, and when our end of its channel closes."""

    def __init__(self, assignment: Assignment, listener: socket.socket | None) -> None:
        """Start the process, which inherits `listener`; `introduce` sends it its assignment."""
        inherited = [] if listener is None else [listener.fileno()]
        self.assignment = structs.replace(assignment, listener=inherited[0]) if inherited else assignment
        ours, theirs = socket.socketpair()
        with theirs:
            # -P: whatever the working directory holds (a folder `queues`, say) must not stand in for our packages.
            # The slot is for people and tools that look at the process list.
            command = [sys.executable, "-P", "-m", "runtime.supervision.child", str(theirs.fileno()), assignment.slot]
            path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
            self.process = ChildProcess(
                command, environ={**os.environ, "PYTHONPATH": path}, inherit=[theirs.fileno(), *inherited]
            )
        self._channel = trio.SocketStream(trio.socket.from_stdlib_socket(ours))

    async def introduce(self) -> Reply | None:
        """Send its assignment and wait for its reply; None if it ends without one."""
        try:
            await send_assignment(self._channel, self.assignment)
        except trio.BrokenResourceError:
            return None
        return await receive_reply(self._channel)

    async def stop(self, grace_seconds: float) -> int:
        """Drain it, wait, and after `grace_seconds` kill it; its exit status."""
        status = await self.process.stop(grace_seconds)
        await self._channel.aclose()
        return status
