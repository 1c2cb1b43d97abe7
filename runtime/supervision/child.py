"""The program of a worker that `serve` starts: `python -m runtime.supervision.child DESCRIPTOR SLOT`."""

import socket
import sys
from pathlib import Path

import trio

from runtime.errors import ConfigurationError, cause_of
from runtime.supervision.worker_channel import Assignment, Reply, receive_assignment, send_reply, wait_for_end


def main() -> None:
    """Run the role that the supervisor assigns, and end with the status that tells it why."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    assignment = receive_assignment(channel)
    # Before anything imports the metrics' names.
    from monitoring.slots import take_slot  # noqa: PLC0415  after the assignment: it says which slot

    take_slot(Path(assignment.metrics), assignment.slot)
    from monitoring.logs import configure_logging  # noqa: PLC0415  imported while nothing waits for us

    logs = assignment.settings.logs
    configure_logging(assignment.role, level=logs.level, form=logs.format)
    sys.exit(trio.run(_work, assignment, channel))


async def _work(assignment: Assignment, channel: socket.socket) -> int:
    from runtime.roles import run_role  # noqa: PLC0415  after the slot is taken
    from runtime.termination import drain_on_signal  # noqa: PLC0415  like its neighbour

    stream = trio.SocketStream(trio.socket.from_stdlib_socket(channel))
    drain = trio.Event()
    listener = socket.socket(fileno=assignment.listener) if assignment.listener >= 0 else None
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(drain_on_signal, drain)
            nursery.start_soon(_drain_at_end, stream, drain)
            async with trio.open_nursery() as role:
                await role.start(run_role, assignment.role, assignment.settings, drain, listener)
                await send_reply(stream, Reply())
            nursery.cancel_scope.cancel()
    except Exception as error:
        cause = cause_of(error)
        if cause is None:
            raise
        if isinstance(cause, ConfigurationError):
            await send_reply(stream, Reply(fault=str(cause)))
        else:
            import structlog  # noqa: PLC0415  rarely needed

            structlog.get_logger().error("cannot run", reason=str(cause))
        return cause.status
    return 0


async def _drain_at_end(stream: trio.SocketStream, drain: trio.Event) -> None:
    """A supervisor that is gone cannot send a signal any more."""
    await wait_for_end(stream)
    drain.set()


if __name__ == "__main__":
    main()
