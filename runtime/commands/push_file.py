"""Pushes from a file, as an operator may have them: one object, a list, `{"pushes": […]}`, or one object a line."""

import sys
from pathlib import Path
from typing import Any

import msgspec

from runtime.errors import ConfigurationError


def read_pushes(file: str) -> list[dict[str, Any]]:
    """The pushes in `file`; `-` is standard input.

    Raises:
        ConfigurationError: It cannot be read, is none of the forms above, or is empty.
    """
    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    try:
        pushes = _one_document(text)
        if pushes is None:
            pushes = _one_a_line(text)
    except msgspec.ValidationError:
        raise ConfigurationError(f"{file}: expected push objects") from None
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"{file}: not JSON: {error}") from None
    if not pushes:
        raise ConfigurationError(f"{file}: there is no push in it")
    return pushes


def _one_document(text: bytes) -> list[dict[str, Any]] | None:
    """None if the text is not one JSON document."""
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    if isinstance(document, dict):
        document = document.get("pushes", [document])
    return msgspec.convert(document, list[dict[str, Any]])


def _one_a_line(text: bytes) -> list[dict[str, Any]]:
    decoder = msgspec.json.Decoder(dict[str, Any])
    return [decoder.decode(line) for line in text.splitlines() if line.strip()]
