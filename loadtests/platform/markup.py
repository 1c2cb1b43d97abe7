"""Callbacks as XML and as JSON: the same fields in the two forms an account may choose (§1.2, §1.7)."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.parsers import expat

import msgspec

Value: TypeAlias = "str | int | float | Mapping[str, Value] | Sequence[Value]"
Tree: TypeAlias = "dict[str, str | Tree | list[str | Tree]]"


def cdata(text: str) -> str:
    """A CDATA section; the one sequence that would end it is split over two."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def elements(fields: Mapping[str, Value]) -> str:
    """XML elements: numbers bare, texts in CDATA, objects nested, and a list as its name repeated."""
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Value) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{elements(value)}</{name}>"
    if isinstance(value, str):
        return f"<{name}>{cdata(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    return "".join(_element(name, each) for each in value)


def json_of(xml: bytes) -> bytes:
    """The JSON form of a callback: every number a string, a single item an object instead of a list (§7.22).

    The items of subscription events sit directly under `List`; the element around them is left out.
    """
    tree = tree_of(xml)
    flat: Tree = {}
    for name, value in tree.items():
        if name.startswith("SubscribeMsg") and isinstance(value, dict):
            flat.update(value)
        else:
            flat[name] = value
    return msgspec.json.encode(flat)


def tree_of(xml: bytes) -> Tree:
    """The elements under the root, by name; repeated ones are a list. Raises ValueError if it is not XML."""
    root: Tree = {}
    path: list[tuple[str, Tree]] = [("", root)]
    text: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        path.append((name, {}))
        text.clear()

    def end(_name: str) -> None:
        name, children = path.pop()
        value: str | Tree = children or "".join(text)
        parent = path[-1][1]
        earlier = parent.get(name)
        if earlier is None:
            parent[name] = value
        elif isinstance(earlier, list):
            earlier.append(value)
        else:
            parent[name] = [earlier, value]

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise ValueError("not XML") from error
    inside = next(iter(root.values()), {})
    return inside if isinstance(inside, dict) else {}
