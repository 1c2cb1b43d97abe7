"""`quota`, `resume`: an operator's verbs on an account."""

import sys
from typing import Annotated, Any
from urllib.parse import quote as quoted

import typer

from runtime.commands.document import show
from runtime.commands.options import DEFAULT_SERVER, Key, Server

Name = Annotated[str, typer.Argument(metavar="ACCOUNT", help="A configured account.")]


def quota(account: Name, *, server: Server = DEFAULT_SERVER, key: Key = "") -> int:
    """Show an account's quotas of the day, and what of it rests."""
    show(_ask(server, key, "GET", account, "quota"))
    return 0


def resume(
    account: Name,
    *,
    server: Server = DEFAULT_SERVER,
    key: Key = "",
    api: Annotated[str, typer.Option("--api", help="Only this API.")] = "",
    template: Annotated[str, typer.Option("--template", help="Only this template.")] = "",
) -> int:
    """Let an account go on that is parked or stopped, now that it is mended; print how many holds were ended."""
    chosen = {name: value for name, value in (("api", api), ("template", template)) if value}
    answer = _ask(server, key, "POST", account, "resume", json=chosen)
    sys.stdout.write(f"{answer['resumed']} resumed\n")
    return 0


def _ask(server: str, key: str, method: str, account: str, verb: str, **request: Any) -> Any:
    from runtime.commands.push_client import ask  # noqa: PLC0415  see the package

    return ask(server, key, method, f"/v1/accounts/{quoted(account, safe='')}/{verb}", **request)
