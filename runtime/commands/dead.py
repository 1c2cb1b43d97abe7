"""`dead list`, `dead replay`: what was given up, and another try for it."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import typer

from runtime.commands.options import DEFAULT_SERVER, Key, Server, time_option
from runtime.errors import ConfigurationError

dead = typer.Typer(name="dead", help="Pushes that were given up: list them, or try them again.")

Account = Annotated[str, typer.Option("--account", help="Only this account's.")]
Error = Annotated[
    str, typer.Option("--error", help="Only those given up for this: an errcode, or a part of the error's text.")
]
After = Annotated[str, time_option("--after", "Only those given up after")]
Before = Annotated[str, time_option("--before", "Only those given up before")]

_LARGEST_PAGE = 500
_IDS_A_REQUEST = 1_000


@dead.command("list")
def list_dead(
    *,
    server: Server = DEFAULT_SERVER,
    key: Key = "",
    account: Account = "",
    error: Error = "",
    after: After = "",
    before: Before = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the last given up first.")] = 100,
) -> int:
    """List dead pushes: a table on a terminal, else one JSON object a line."""
    pushes = islice(_pages(server, key, _filter(account, error, after, before), limit), limit)
    if sys.stdout.isatty():
        _show_table(list(pushes))
    else:
        _show_lines(pushes)
    return 0


@dead.command("replay")
def replay_dead(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="These alone.")] = None,
    *,
    server: Server = DEFAULT_SERVER,
    key: Key = "",
    account: Account = "",
    error: Error = "",
    after: After = "",
    before: Before = "",
    everything: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    per_second: Annotated[
        float, typer.Option("--per-second", min=0.1, max=1000, help="How fast an account's come back.")
    ] = 20,
) -> int:
    """Put dead pushes back for another try, by id, by filter, or all; print how many."""
    chosen: dict[str, Any] = _filter(account, error, after, before)
    if [bool(ids), bool(chosen), everything].count(True) != 1:
        raise ConfigurationError("say which: either ids, or --account, --error, --after, --before, or --all")
    if everything:
        chosen = {"all": True}
    replayed = sum(_replays(server, key, {**chosen, "per_second": per_second}, ids or []))
    sys.stdout.write(f"{replayed} replayed\n")
    return 0


def _filter(account: str, error: str, after: str, before: str) -> dict[str, str]:
    given = {"account": account, "error": error, "after": after, "before": before}
    return {name: value for name, value in given.items() if value}


def _pages(server: str, key: str, chosen: dict[str, str], limit: int) -> Iterator[dict[str, Any]]:
    from runtime.commands.push_client import PushClient  # noqa: PLC0415  see the package

    asked: dict[str, Any] = {**chosen, "limit": min(limit, _LARGEST_PAGE)}
    with PushClient(server, key) as client:
        while True:
            page = client.call("GET", "/v1/dead", params=asked)
            yield from page["pushes"]
            if not page["next"]:
                return
            asked["cursor"] = page["next"]


def _replays(server: str, key: str, asked: dict[str, Any], ids: list[str]) -> Iterator[int]:
    """How many each request replayed: one for some of the ids, or as many as it takes to come to the filter's end."""
    from runtime.commands.push_client import PushClient  # noqa: PLC0415  see the package

    with PushClient(server, key) as client:
        for start in range(0, len(ids), _IDS_A_REQUEST):
            some = {**asked, "ids": ids[start : start + _IDS_A_REQUEST]}
            yield client.call("POST", "/v1/dead/replay", json=some)["replayed"]
        while not ids:
            answer = client.call("POST", "/v1/dead/replay", json=asked)
            yield answer["replayed"]
            if not answer["next"]:
                return
            asked = {**asked, "cursor": answer["next"]}


def _show_lines(pushes: Iterator[dict[str, Any]]) -> None:
    import msgspec  # noqa: PLC0415  see the package

    for push in pushes:
        sys.stdout.write(msgspec.json.encode(push).decode() + "\n")


def _show_table(pushes: list[dict[str, Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415  see the package
    from rich.table import Table  # noqa: PLC0415  see the package
    from rich.text import Text  # noqa: PLC0415  see the package

    table = Table(box=None, pad_edge=False)
    table.add_column("given up", min_width=19)
    table.add_column("id", min_width=max((len(push["id"]) for push in pushes), default=0))  # to be copied
    for name in ("account", "channel", "tries", "error"):
        table.add_column(name)
    for push in pushes:
        given_up = str(push["finished_at"]).partition(".")[0].replace("T", " ")
        cells = (given_up, push["id"], push["account"], push["channel"], str(push["attempts"]), push["error"])
        table.add_row(*(Text(cell) for cell in cells))  # as it is: an error's brackets are not markup
    Console().print(table if pushes else "none")
