"""The flags of `simulate`: one for each option of the simulator, made of the options' own types.

How it works: an option of one value is a flag of that type. One that has parts is given once a part: `NAME=NUMBER` for
a map of numbers, `NAME=TEXT,…` for a list of structures.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from operator import getitem
from typing import Annotated, Any, get_args, get_origin

import msgspec
import typer
from msgspec import NODEFAULT, structs

from loadtests.platform.options import SimulatorOptions
from runtime.errors import ConfigurationError


def one_flag_an_option(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command that takes `**given` the flags, as typer reads them from a signature."""
    parameters = []
    for field in structs.fields(SimulatorOptions):
        kind = _plain(field.type)
        several = get_origin(kind) in {dict, tuple}
        default: Any = [] if several else field.default
        assert default is not NODEFAULT  # noqa: S101  the simulator runs with nothing given
        option = typer.Option(flag(field.name), metavar=_hint(kind))
        annotation: Any = getitem(Annotated, (list[str] if several else kind, option))  # made, not written
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(field.name, keyword, default=default, annotation=annotation))
    command.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def flag(option: str) -> str:
    """The flag of an option: `--ledger-path` for `ledger_path`."""
    return f"--{option.replace('_', '-')}"


def simulator_options(given: Mapping[str, Any]) -> SimulatorOptions:
    """The options from the values of the flags, by the options' names.

    Raises:
        ConfigurationError: A part is not `NAME=NUMBER` or `NAME=TEXT,…`, or a value is not one its option may have.
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
        raise ConfigurationError(_with_flag(str(error))) from None


def _plain(kind: Any) -> Any:
    """An option's type without the range that its values must lie in, which `simulator_options` checks."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The structure of which an option is a list (`accounts`, `fault_rules`); None for any other type."""
    part = get_args(kind)[0] if get_origin(kind) is tuple else None
    return part if isinstance(part, type) and issubclass(part, msgspec.Struct) else None


def _hint(kind: Any) -> str | None:
    """What `--help` shows as the form of the value; None: typer's own word for the type."""
    struct = _struct_in(kind)
    if struct is not None:
        names = [field.name for field in structs.fields(struct)]
        return ",".join(f"{name}=…" for name in names[:3]) + ",…"
    return "NAME=NUMBER" if get_origin(kind) is dict else None


def _numbers(option: str, parts: Iterable[str]) -> dict[str, str]:
    numbers = {}
    for part in parts:
        key, _, number = part.partition("=")
        try:
            float(number)
        except ValueError:
            raise ConfigurationError(f'{flag(option)}: expected NAME=NUMBER, got "{part}"') from None
        numbers[key] = number
    return numbers


def _parts(option: str, text: str) -> dict[str, str]:
    parts = {}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise ConfigurationError(f'{flag(option)}: expected NAME=TEXT,…, got "{text}"')
        parts[key] = value
    return parts


def _with_flag(text: str) -> str:
    """The words of msgspec (`… - at `$.accounts[0].mode``) or of a check (`bind: …`), after the flag they are about."""
    what, _, where = text.partition(" - at `$.")
    if where:
        path = where.rstrip("`")
        name, dot, rest = path.partition(".")
        name, bracket, index = name.partition("[")
        inner = f"{bracket}{index}{dot}{rest}"
        return f"{flag(name)}: {f'{inner}: ' if inner else ''}{what}"
    name, colon, rest = what.partition(": ")
    return f"{flag(name)}: {rest}" if colon and name in SimulatorOptions.__struct_fields__ else what
