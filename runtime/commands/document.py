"""Shows what the gateway answered."""

import sys
from typing import Any

import msgspec


def show(document: Any) -> None:
    """As JSON that people read."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
