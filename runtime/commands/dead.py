"""`dead list`, `dead replay`: what was given up, and another try for it."""

import sys
from typing import Annotated, Any

import typer

from runtime.commands.options import DEFAULT_SERVER, Key, Server
from runtime.errors import CommandError, ConfigurationError

dead = typer.Typer(name="dead", help="Pushes that were given up: list them, or try them again.")

Account = Annotated[str, typer.Option("--account", help="Only this account's.")]
Error = Annotated[str, typer.Option("--error", help="Only those given up for this error.")]
After = Annotated[str, typer.Option("--after", metavar="TIME", help="Only those given up after (RFC 3339).")]
Before = Annotated[str, typer.Option("--before", metavar="TIME", help="Only those given up before (RFC 3339).")]


@dead.command("list")
def list_dead(
    *,
    server: Server = DEFAULT_SERVER,
    key: Key = "",
    account: Account = "",
    error: Error = "",
    after: After = "",
    before: Before = "",
) -> int:
    """List dead pushes, one JSON object a line."""
    answer = _call(server, key, "GET", params=_filter(account, error, after, before))
    _show(answer)
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
) -> int:
    """Put dead pushes back into their queues, by id or by filter."""
    chosen: dict[str, Any] = _filter(account, error, after, before)
    if bool(ids) == bool(chosen):
        raise ConfigurationError("say which: either ids, or --account, --error, --after, --before")
    answer = _call(server, key, "POST", "/replay", json={"ids": ids} if ids else chosen)
    _show(answer)
    return 0


def _filter(account: str, error: str, after: str, before: str) -> dict[str, str]:
    given = {"account": account, "error": error, "after": after, "before": before}
    return {name: value for name, value in given.items() if value}


def _call(server: str, key: str, method: str, path: str = "", **request: Any) -> Any:
    from runtime.push_client import PushClient  # noqa: PLC0415  see the package

    client = PushClient(server, key)
    try:
        answer = client.call(method, f"/v1/dead{path}", expect=(200, 202, 404), **request)
    finally:
        client.close()
    if isinstance(answer, dict) and answer.get("status") == 404:  # noqa: PLR2004  the problem document's own
        raise CommandError(f"{server} does not offer /v1/dead{path}; a newer release does")
    return answer


def _show(document: Any) -> None:
    import msgspec  # noqa: PLC0415  see the package

    items = document["pushes"] if isinstance(document, dict) and "pushes" in document else [document]
    for item in items:
        sys.stdout.write(msgspec.json.encode(item).decode() + "\n")
