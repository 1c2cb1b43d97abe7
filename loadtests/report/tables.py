"""Results of other programs, given as JSON lines, as tables. No IO but reading the file."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct


class Table(Struct, frozen=True):
    """A table of text. Rows are as long as `columns`."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class NoResultsError(ValueError):
    """A file given to be shown holds no results; says which and why."""


def read_tables(path: Path) -> list[Table]:
    """The JSON lines of a file: rows with the same fields next to each other make one table.

    Lines that are no JSON object (a program's other words) are left out. Raises NoResultsError if none is left or the
    file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise NoResultsError(f"{path}: {error.strerror}") from error
    objects = [each for each in map(_object, lines) if each]
    if not objects:
        raise NoResultsError(f"{path} has no line that is a JSON object")
    return list(tabulate(path.stem, objects))


def tabulate(title: str, objects: Sequence[Mapping[str, object]]) -> Iterable[Table]:
    """Tables of objects; nested objects become columns `outer.inner`, values the text a person expects."""
    columns: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    for each in objects:
        flat = _flat(each)
        if tuple(flat) != columns and rows:
            yield Table(title, columns, tuple(rows))
            rows = []
        columns = tuple(flat)
        rows.append(tuple(_text(value) for value in flat.values()))
    yield Table(title, columns, tuple(rows))


def _object(line: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(line, type=dict[str, object])
    except msgspec.MsgspecError:
        return {}


def _flat(value: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, inner in value.items():
        if isinstance(inner, dict):
            flat |= _flat(inner, f"{prefix}{name}.")
        else:
            flat[prefix + name] = inner
    return flat


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.3f}".rstrip("0").rstrip(".")
        case list():
            return ", ".join(_text(each) for each in value)
        case None:
            return "–"
        case _:
            return str(value)
