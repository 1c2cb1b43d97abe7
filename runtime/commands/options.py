"""Flags that several commands share."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The configuration; default: tidegate.toml, if it is there."),
]
Server = Annotated[
    str, typer.Option("--server", metavar="URL", envvar="TIDEGATE_URL", help="The gateway's push interface.")
]
Key = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="KEY",
        envvar="TIDEGATE_KEY",
        help="The upstream's key, best as env:NAME or file:PATH, which no process list shows.",
    ),
]

_Time = Annotated[datetime, msgspec.Meta(tz=True)]


def time_option(flag: str, summary: str) -> Any:
    """A flag whose value is a time; it is sent on as it was written."""
    return typer.Option(flag, metavar="TIME", callback=_checked_time, help=f"{summary} (RFC 3339 with an offset).")


def _checked_time(text: str) -> str:
    try:
        msgspec.convert(text or None, _Time | None)
    except msgspec.ValidationError:
        wanted = "RFC 3339 with an offset, as 2026-05-01T08:00:00+08:00"
        raise typer.BadParameter(f'expected {wanted}, got "{text}"') from None
    return text


DEFAULT_SERVER = "http://127.0.0.1:8080"
