"""`demo` and `simulate`: the gateway without a platform, and the platform without a gateway."""

import inspect
import sys
from collections.abc import Callable, Iterable
from operator import getitem
from typing import Annotated, Any, get_origin

import typer
from msgspec import NODEFAULT, structs

from loadtests.options import SimulatorOptions
from runtime.errors import ConfigurationError


def demo(
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long it pushes and calls back.")] = 20,
) -> int:
    """Show everything at once, with a simulated platform; exit 0 only if nothing was lost."""
    from runtime.demo import run_demo  # noqa: PLC0415  see the package

    return run_demo(seconds)


def _one_flag_a_field(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command a flag for every option that the simulator has; those with parts are given once a part."""
    parameters = []
    for field in structs.fields(SimulatorOptions):
        several = get_origin(field.type) in {dict, tuple}
        hint = "NAME=NUMBER" if get_origin(field.type) is dict else None
        default: Any = [] if several else field.default
        assert default is not NODEFAULT  # noqa: S101  the simulator runs with nothing given
        flag = typer.Option(f"--{field.name.replace('_', '-')}", metavar=hint)
        annotation: Any = getitem(Annotated, (list[str] if several else field.type, flag))  # made, not written
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(field.name, keyword, default=default, annotation=annotation))
    command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


@_one_flag_a_field
def simulate(**given: Any) -> int:
    """Run the simulated platform by itself, until SIGTERM or SIGINT."""
    import trio  # noqa: PLC0415  see the package

    from monitoring.logs import configure_logging  # noqa: PLC0415  see the package

    options = simulator_options(given)
    configure_logging("simulator")
    trio.run(_simulate, options)
    return 0


def simulator_options(given: dict[str, Any]) -> SimulatorOptions:
    """The options from flags; repeated flags become what their field holds.

    Raises:
        ConfigurationError: A part is not `NAME=NUMBER`.
    """
    read = dict(given)
    for field in structs.fields(SimulatorOptions):
        if get_origin(field.type) is dict:
            read[field.name] = _rates(field.name, given[field.name])
        elif get_origin(field.type) is tuple:
            read[field.name] = tuple(given[field.name])
    return SimulatorOptions(**read)


def _rates(name: str, parts: Iterable[str]) -> dict[str, float]:
    rates = {}
    for part in parts:
        key, _, number = part.partition("=")
        try:
            rates[key] = float(number)
        except ValueError:
            raise ConfigurationError(f'--{name}: expected NAME=NUMBER, got "{part}"') from None
    return rates


async def _simulate(options: SimulatorOptions) -> None:
    import trio  # noqa: PLC0415  see the package

    from loadtests.simulate import run_simulator  # noqa: PLC0415  see the package
    from runtime.termination import drain_on_signal  # noqa: PLC0415  see the package

    end = trio.Event()
    async with trio.open_nursery() as nursery:
        await nursery.start(drain_on_signal, end)
        address = await nursery.start(run_simulator, options)
        sys.stdout.write(f"ready: {address}\n")
        sys.stdout.flush()
        await end.wait()
        nursery.cancel_scope.cancel()
