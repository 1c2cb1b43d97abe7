"""Flags that several commands share."""

from pathlib import Path
from typing import Annotated

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

DEFAULT_SERVER = "http://127.0.0.1:8080"
