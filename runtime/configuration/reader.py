"""Reads a tree of TOML values and environment texts as the stages' own types, or says in one line what is wrong.

msgspec's own conversion names neither the file nor the nearest key, and it would show the value of a secret, so the
types are walked here; `msgspec.inspect` says what they are, and nothing about a key is written twice.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from msgspec import NODEFAULT, Struct, inspect

from gateway.upstream_key import UpstreamKey
from queues.secret import Secret
from runtime.configuration.environment import EnvironmentText, Tree, variable_of
from runtime.configuration.secret_sources import MissingSecretError, resolve_secret
from runtime.configuration.suggestions import did_you_mean, nearest
from runtime.errors import ConfigurationError

Path = tuple[str | int, ...]

_SHOWN_CHARACTERS = 40
_LARGEST = 2**53
"""The store's scripts count in doubles, and from here on not one by one."""


def dotted(path: Path) -> str:
    """A key in the notation of error messages: `accounts[0].limits.template`."""
    return re.sub(r"\.\[", "[", ".".join(f"[{part}]" if isinstance(part, int) else part for part in path))


class Reader(Struct, frozen=True):
    """Reads one configuration; `source` is what its errors call the file."""

    source: str
    environ: Mapping[str, str]

    def read(self, tree: Tree, into: type[Struct]) -> dict[str, Any]:
        """Read a table as the fields of `into`, by name; fields left out keep their defaults.

        Raises:
            ConfigurationError: The first thing that is wrong, in one line.
        """
        shape = inspect.type_info(into)
        assert isinstance(shape, inspect.StructType)  # noqa: S101  tells mypy what `into` already says
        return self._fields(tree, shape, ())

    def fault(self, path: Path, words: str, value: object = None) -> ConfigurationError:
        """The error for the key at `path`; it names the variable if `value` came from the environment."""
        leaf = _origin(value)
        if leaf is not None:
            return ConfigurationError(f"environment: {leaf.variable}: {words}")
        return ConfigurationError(f"{self.source}: {dotted(path)}: {words}")

    def _fields(self, tree: Tree, shape: inspect.StructType, path: Path) -> dict[str, Any]:
        fields = {field.encode_name: field for field in shape.fields}
        for key, value in tree.items():
            if key not in fields:
                raise self._unknown(path, key, value, tuple(fields))
        read = {
            field.name: self._value(tree[name], field.type, (*path, name))
            for name, field in fields.items()
            if name in tree
        }
        for name, field in fields.items():
            if field.required and field.default is NODEFAULT and name not in tree:
                raise self._missing((*path, name))
        return read

    def _value(self, value: object, shape: inspect.Type, path: Path) -> Any:
        if isinstance(shape, inspect.StructType | inspect.DictType):
            return self._table(value, shape, path)
        if isinstance(shape, inspect.VarTupleType):
            return self._array(value, shape, path)
        return self._scalar(value, shape, path)

    def _table(self, value: object, shape: inspect.StructType | inspect.DictType, path: Path) -> Any:
        if not isinstance(value, dict):
            raise self.fault(path, f"expected a table, got {_shown(value)}", value)
        if isinstance(shape, inspect.StructType):
            return shape.cls(**self._fields(value, shape, path))
        return {key: self._value(item, shape.value_type, (*path, key)) for key, item in value.items()}

    def _scalar(self, value: object, shape: inspect.Type, path: Path) -> Any:
        match shape:
            case inspect.CustomType(cls=cls) if cls in (Secret, UpstreamKey):
                return cls(self._secret(value, path))
            case inspect.LiteralType():
                return self._choice(value, [str(choice) for choice in shape.values], path)
            case inspect.BoolType():
                return self._yes_or_no(value, path)
            case inspect.IntType():
                return self._whole_number(value, path)
            case inspect.FloatType():
                return self._number(value, path)
            case inspect.StrType():
                return self._words(value, path)
        raise TypeError(f"{dotted(path)} has a type that no configuration can give: {shape}")

    def _array(self, value: object, shape: inspect.VarTupleType, path: Path) -> tuple[Any, ...]:
        if isinstance(value, EnvironmentText) and isinstance(shape.item_type, inspect.StrType):
            return tuple(item.strip() for item in value.text.split(",") if item.strip())
        if not isinstance(value, list):
            raise self.fault(path, f"expected a list, got {_shown(value)}", value)
        return tuple(self._value(item, shape.item_type, (*path, index)) for index, item in enumerate(value))

    def _secret(self, value: object, path: Path) -> str:
        text = self._text(value)
        if text is None:
            raise self.fault(path, f"expected text, got {_kind(value)}", value)
        try:
            return resolve_secret(text, self.environ)
        except MissingSecretError as error:
            raise self.fault(path, str(error), value) from None

    def _words(self, value: object, path: Path) -> str:
        text = self._text(value)
        if text is None:
            raise self.fault(path, f"expected text, got {_shown(value)}", value)
        return text

    def _choice(self, value: object, known: list[str], path: Path) -> str:
        text = self._text(value)
        if text is not None and text in known:
            return text
        advice = "" if text is None else did_you_mean(text, known)
        raise self.fault(path, f"expected {' or '.join(known)}, got {_shown(value)}{advice}", value)

    def _yes_or_no(self, value: object, path: Path) -> bool:
        if isinstance(value, EnvironmentText) and value.text.lower() in {"true", "false"}:
            return value.text.lower() == "true"
        if isinstance(value, bool):
            return value
        raise self.fault(path, f"expected true or false, got {_shown(value)}", value)

    def _whole_number(self, value: object, path: Path) -> int:
        number = _whole(value)
        if number is None:
            raise self.fault(path, f"expected a whole number, got {_shown(value)}", value)
        if abs(number) > _LARGEST:
            raise self.fault(path, f"expected a whole number up to {_LARGEST}", value)
        return number

    def _number(self, value: object, path: Path) -> float:
        number = _real(value)
        if number is None:
            raise self.fault(path, f"expected a number, got {_shown(value)}", value)
        return number

    @staticmethod
    def _text(value: object) -> str | None:
        if isinstance(value, EnvironmentText):
            return value.text
        return value if isinstance(value, str) else None

    def _unknown(self, path: Path, key: str, value: object, known: tuple[str, ...]) -> ConfigurationError:
        near = nearest(key, known)
        leaf = _origin(value)
        if near is None:
            hint = f"known here: {', '.join(known)}"
        else:
            right = (*path, near)
            hint = f"did you mean {variable_of(right) if leaf else dotted(right)}?"
        return self.fault((*path, key), f"unknown key; {hint}", value)

    def _missing(self, path: Path) -> ConfigurationError:
        return self.fault(path, f"missing; give it here or as {variable_of(path)}")


def _origin(value: object) -> EnvironmentText | None:
    """The variable that alone put `value` there; None if the file has a part in it."""
    if isinstance(value, EnvironmentText):
        return value
    items: list[object] = []
    if isinstance(value, dict):
        items = list(value.values())
    elif isinstance(value, list):
        items = value
    leaves = [_origin(item) for item in items]
    return leaves[0] if leaves and all(leaves) else None


def _whole(value: object) -> int | None:
    if isinstance(value, EnvironmentText):
        try:
            return int(value.text)
        except ValueError:
            return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _real(value: object) -> float | None:
    """A finite number: there is no key for which infinity means anything."""
    given = value.text if isinstance(value, EnvironmentText) else value
    if isinstance(value, bool | str) or not isinstance(given, str | int | float):
        return None
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _shown(value: object) -> str:
    if isinstance(value, EnvironmentText):
        value = value.text
    if isinstance(value, str):
        return json.dumps(value[:_SHOWN_CHARACTERS], ensure_ascii=False)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return _kind(value)


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case dict():
            return "a table"
        case list():
            return "a list"
    return "a date or time"
