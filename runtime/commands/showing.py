"""`demo` and `simulate`: the gateway without a platform, and the platform without a gateway."""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from operator import getitem
from typing import Annotated, Any, get_args, get_origin

import msgspec
import typer
from msgspec import NODEFAULT, structs

from loadtests.platform.options import SimulatorOptions
from runtime.errors import CommandError, ConfigurationError, first_of


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
        kind = _plain(field.type)
        several = get_origin(kind) in {dict, tuple}
        default: Any = [] if several else field.default
        assert default is not NODEFAULT  # noqa: S101  the simulator runs with nothing given
        flag = typer.Option(_flag(field.name), metavar=_hint(kind))
        annotation: Any = getitem(Annotated, (list[str] if several else kind, flag))  # made, not written
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(field.name, keyword, default=default, annotation=annotation))
    command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _plain(kind: Any) -> Any:
    """A field's type without the range that its values must lie in, which is checked with all others."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """What the parts of a field are, where they have parts themselves (`accounts`, `fault_rules`)."""
    part = get_args(kind)[0] if get_origin(kind) is tuple else None
    return part if isinstance(part, type) and issubclass(part, msgspec.Struct) else None


def _hint(kind: Any) -> str | None:
    struct = _struct_in(kind)
    if struct is not None:
        names = [field.name for field in structs.fields(struct)]
        return ",".join(f"{name}=…" for name in names[:3]) + ",…"
    return "NAME=NUMBER" if get_origin(kind) is dict else None


@_one_flag_a_field
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


def simulator_options(given: Mapping[str, Any]) -> SimulatorOptions:
    """The options from flags; repeated flags become what their field holds.

    Raises:
        ConfigurationError: A part is not `NAME=NUMBER` or `NAME=TEXT,…`, or a value is not one its field may have.
    """
    read = dict(given)
    for field in structs.fields(SimulatorOptions):
        if field.name not in given:
            continue
        kind = _plain(field.type)
        if get_origin(kind) is dict:
            read[field.name] = _numbers(field.name, given[field.name])
        elif _struct_in(kind) is not None:
            read[field.name] = [_parts(field.name, text) for text in given[field.name]]
    try:
        return msgspec.convert(read, SimulatorOptions, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_told(str(error))) from None


def _numbers(name: str, parts: Iterable[str]) -> dict[str, str]:
    numbers = {}
    for part in parts:
        key, _, number = part.partition("=")
        try:
            float(number)
        except ValueError:
            raise ConfigurationError(f'{_flag(name)}: expected NAME=NUMBER, got "{part}"') from None
        numbers[key] = number
    return numbers


def _parts(name: str, text: str) -> dict[str, str]:
    parts = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise ConfigurationError(f'{_flag(name)}: expected NAME=TEXT,…, got "{text}"')
        parts[key] = value
    return parts


def _told(text: str) -> str:
    """What msgspec says (`… - at `$.accounts[0].mode``) or a check (`bind: …`), after the flag it is about."""
    what, _, where = text.partition(" - at `$.")
    if where:
        path = where.rstrip("`")
        name, dot, rest = path.partition(".")
        name, bracket, index = name.partition("[")
        inner = f"{bracket}{index}{dot}{rest}"
        return f"{_flag(name)}: {f'{inner}: ' if inner else ''}{what}"
    name, colon, rest = what.partition(": ")
    return f"{_flag(name)}: {rest}" if colon and name in SimulatorOptions.__struct_fields__ else what


def _cannot_begin(group: BaseExceptionGroup[OSError]) -> str:
    """What could not be opened: the ledger's file, which the error names, or the address."""
    error = first_of(group)
    assert isinstance(error, OSError)  # noqa: S101  that is what was caught
    return f"{_flag('ledger_path' if error.filename else 'bind')}: {error.strerror}"


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
