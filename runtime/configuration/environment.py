"""Configuration from the environment: `TIDEGATE_SECTION__KEY`, laid over what the file says.

How it works: `TIDEGATE_SERVER__BIND` is the key `server.bind`, `TIDEGATE_ACCOUNTS__0__NAME` is `accounts[0].name`;
numbers count arrays from 0, and a template's id keeps its case. Only names with a double underscore are configuration.
The others are either our own (`TIDEGATE_LOG`) or not for us at all: Kubernetes sets `TIDEGATE_PORT` and its like for a
service of our name. But one that would be a key if its underscores were doubled is a slip, and an error.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from msgspec import Struct

from runtime.errors import ConfigurationError

PREFIX = "TIDEGATE_"
_SEPARATOR = "__"

Tree = dict[str, object]


class EnvironmentText(Struct, frozen=True):
    """A leaf of the configuration that came from a variable: still text, to be read as the key's own type."""

    text: str
    variable: str


def variable_of(path: tuple[str | int, ...]) -> str:
    """The variable that sets the key at `path`."""
    return PREFIX + _SEPARATOR.join(str(part).upper() for part in path)


def overlay(tree: Tree, environ: Mapping[str, str], tables: Mapping[str, Iterable[str]]) -> None:
    """Put the variables into `tree` in place, each leaf as an `EnvironmentText`; `tables` are the keys there are.

    Raises:
        ConfigurationError: A variable has single underscores, numbers an array with a gap, or goes deeper than a value
            the file gives.
    """
    _refuse_single_underscores(environ, tables)
    for variable, path in sorted(_paths(environ), key=lambda item: _order(item[1])):
        _put(tree, path, EnvironmentText(environ[variable], variable))


def _refuse_single_underscores(environ: Mapping[str, str], tables: Mapping[str, Iterable[str]]) -> None:
    for table, keys in tables.items():
        slip = re.compile(rf"{PREFIX}{table}_(?:(\d+)_)?({'|'.join(keys)})", re.IGNORECASE)
        for found in filter(None, map(slip.fullmatch, environ)):
            meant = variable_of(tuple(part for part in (table, *found.groups()) if part))
            raise ConfigurationError(f"environment: {found[0]}: parts are joined by two underscores: {meant}")


def _paths(environ: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    names = [name for name in environ if name.startswith(PREFIX) and _SEPARATOR in name]
    return [(name, _path(name.removeprefix(PREFIX).split(_SEPARATOR))) for name in names]


def _path(parts: list[str]) -> tuple[str, ...]:
    """Keys are written in lower case; what stands below `templates` is a template's id, which the platform made up."""
    return tuple(
        part if before.lower() == "templates" else part.lower()
        for before, part in zip(("", *parts), parts, strict=False)
    )


def _order(path: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Array items in the order of their numbers, so that each appends to the one before."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in path)


def _put(tree: Tree, path: tuple[str, ...], leaf: EnvironmentText) -> None:
    here: object = tree
    for part, following in pairwise(path):
        here = _child(here, part, [] if following.isdecimal() else {}, leaf.variable)
    last = path[-1]
    if isinstance(here, dict):
        here[last] = leaf
    elif isinstance(here, list):
        _item(here, last, leaf, leaf.variable)
        here[int(last)] = leaf
    else:
        raise _too_deep(leaf.variable)


def _child(here: object, part: str, empty: object, variable: str) -> object:
    if isinstance(here, dict):
        return here.setdefault(part, empty)
    if isinstance(here, list):
        return _item(here, part, empty, variable)
    raise _too_deep(variable)


def _item(items: list[object], part: str, new: object, variable: str) -> object:
    if not part.isdecimal():
        raise ConfigurationError(f"environment: {variable}: expected a number counted from 0 where {part.upper()} is")
    index = int(part)
    if index > len(items):
        raise ConfigurationError(f"environment: {variable}: there is no item {len(items)}; number them without a gap")
    if index == len(items):
        items.append(new)
    return items[index]


def _too_deep(variable: str) -> ConfigurationError:
    return ConfigurationError(f"environment: {variable}: goes deeper than the configuration does at that key")
