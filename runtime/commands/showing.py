"""`demo` and `simulate`: the gateway without a platform, and the platform without a gateway."""

import sys
from typing import Annotated, Any

import typer

from loadtests.platform.options import SimulatorOptions
from runtime.commands.simulator_flags import flag, one_flag_an_option, simulator_options
from runtime.errors import CommandError, first_of


def demo(
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long it pushes and calls back.")] = 20,
) -> int:
    """Show everything at once, with a simulated platform; exit 0 only if nothing was lost."""
    from runtime.demo import run_demo  # noqa: PLC0415  see the package

    return run_demo(seconds)


@one_flag_an_option
def simulate(**given: Any) -> int:
    """Run the simulated platform by itself, until SIGTERM or SIGINT. docs/simulator.md explains the options."""
    import trio  # noqa: PLC0415  see the package

    from monitoring.logs import configure_logging  # noqa: PLC0415  see the package

    options = simulator_options(given)
    configure_logging("simulator")
    try:
        trio.run(_simulate, options)
    except* OSError as group:
        raise CommandError(_cannot_begin(group)) from None
    return 0


async def _simulate(options: SimulatorOptions) -> None:
    import trio  # noqa: PLC0415  see the package

    from loadtests.platform.simulator import run_simulator  # noqa: PLC0415  see the package
    from runtime.termination import drain_on_signal  # noqa: PLC0415  see the package

    end = trio.Event()
    async with trio.open_nursery() as nursery:
        await nursery.start(drain_on_signal, end)
        address = await nursery.start(run_simulator, options)
        sys.stdout.write(f"ready: {address}\n")
        sys.stdout.flush()
        await end.wait()
        nursery.cancel_scope.cancel()


def _cannot_begin(group: BaseExceptionGroup[OSError]) -> str:
    """Which flag names what could not be opened, and why: the ledger's file, which the error names, or the address."""
    error = first_of(group)
    assert isinstance(error, OSError)  # noqa: S101  that is what was caught
    return f"{flag('ledger_path' if error.filename else 'bind')}: {error.strerror}"
