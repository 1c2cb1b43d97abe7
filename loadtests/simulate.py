"""Runs the platform simulator."""

import trio

from loadtests.options import SimulatorOptions

__all__ = ["SimulatorOptions", "run_simulator"]


async def run_simulator(
    options: SimulatorOptions, *, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED
) -> None:
    """Serve until cancelled; `task_status` gets the address (`http://HOST:PORT`) once it accepts connections."""
