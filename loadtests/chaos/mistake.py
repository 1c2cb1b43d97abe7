"""Says in one line what is wrong with a scenario: where, and what was probably meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import inspect

_PATH = re.compile(r"^(?P<words>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+|\.\.\.)\]")
_QUOTED = re.compile(r"[`'](\S+?)[`']")
_SIMILARITY = 0.5


def describe(error: msgspec.ValidationError, tree: dict[str, Any], model: type) -> str:
    """The error with the field's name in the file's own terms, and the nearest valid name or value."""
    match = _PATH.match(str(error))
    words, path = (match["words"], match["path"] or "") if match else (str(error), "")
    place = path.lstrip(".")
    said = _QUOTED.search(words)
    unknown = "unknown field" in words
    if said is None or not (unknown or words.startswith("Invalid")):
        return f"{place}: {words}" if place else words
    known = _known(inspect.type_info(model), tree, _STEP.findall(path), fields=unknown)
    near = get_close_matches(said[1], known, n=1, cutoff=_SIMILARITY)
    full = f"{place}.{said[1]}".lstrip(".") if unknown else place
    wrong = "unknown field" if unknown else f"{said[1]!r} is not possible here"
    if near:
        return f"{full}: {wrong}; did you mean {near[0]}?"
    return f"{full}: {wrong}; possible are {', '.join(known)}" if known else f"{full}: {wrong}"


def unknown(name: str, known: Iterable[str], what: str) -> str:
    """`name` is none of the known, and which it probably is."""
    near = get_close_matches(name, list(known), n=1, cutoff=_SIMILARITY)
    return f"{name}: unknown {what}" + (f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}")


def _known(kind: inspect.Type, tree: Any, steps: list[tuple[str, str]], *, fields: bool) -> list[str]:
    """The fields of the table at the end of the path, or the values that may stand there."""
    for position, (name, number) in enumerate(steps):
        if number:
            inner = _inner(kind)
            index = int(number) if number.isdigit() else 0
            tree = tree[index] if isinstance(tree, list) and index < len(tree) else None
        else:
            kind = _table(kind, tree)
            if isinstance(kind, inspect.StructType) and name == kind.tag_field and position == len(steps) - 1:
                return [str(kind.tag)]
            inner = _field(kind, name)
            if inner is None:
                return _tags(kind)
            tree = tree.get(name) if isinstance(tree, dict) else None
        if inner is None:
            return []
        kind = inner
    kind = _table(kind, tree) if fields else kind
    if isinstance(kind, inspect.StructType):
        return [f.encode_name for f in kind.fields]
    return [str(value) for value in _values(kind)]


def _inner(kind: inspect.Type) -> inspect.Type | None:
    """What a list or a table of anything holds."""
    members = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    for each in members:
        if isinstance(each, inspect.DictType):
            return each.value_type
        if isinstance(each, inspect.ListType | inspect.VarTupleType):
            return each.item_type
    return None


def _field(kind: inspect.Type, name: str) -> inspect.Type | None:
    fields = kind.fields if isinstance(kind, inspect.StructType) else ()
    return next((each.type for each in fields if each.name == name), None)


def _table(kind: inspect.Type, tree: Any) -> inspect.Type:
    """Of several tables the one whose tag stands in the file."""
    if not isinstance(kind, inspect.UnionType):
        return kind
    tables = [each for each in kind.types if isinstance(each, inspect.StructType)]
    tag = tree.get(tables[0].tag_field) if tables and tables[0].tag_field and isinstance(tree, dict) else None
    return next((each for each in tables if each.tag == tag), kind)


def _tags(kind: inspect.Type) -> list[str]:
    types = kind.types if isinstance(kind, inspect.UnionType) else ()
    return [str(each.tag) for each in types if isinstance(each, inspect.StructType)]


def _values(kind: inspect.Type) -> list[Any]:
    if isinstance(kind, inspect.LiteralType):
        return list(kind.values)
    if isinstance(kind, inspect.UnionType):
        return [value for each in kind.types for value in _values(each)]
    return []
