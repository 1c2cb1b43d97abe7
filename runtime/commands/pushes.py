"""`push`, `status`, `cancel`: an upstream's verbs."""

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer

from runtime.commands.document import show
from runtime.commands.options import DEFAULT_SERVER, Key, Server, time_option
from runtime.errors import CommandError, ConfigurationError

_ITEMS_A_REQUEST = 5_000
"""Half of what the interface takes, and below its size for any usual push."""


def push(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="Pushes as JSON, one or many; - is stdin.")] = "",
    *,
    server: Server = DEFAULT_SERVER,
    key: Key = "",
    account: Annotated[str, typer.Option("--account", help="A configured account.")] = "",
    to: Annotated[str, typer.Option("--to", help="The recipient's OPENID.")] = "",
    template: Annotated[str, typer.Option("--template", help="The template's id.")] = "",
    data: Annotated[list[str] | None, typer.Option("--data", metavar="NAME=TEXT", help="A field; repeat it.")] = None,
    url: Annotated[str, typer.Option("--url", help="Where a tap on the message leads.")] = "",
    priority: Annotated[
        Literal["high", "normal", "bulk"] | None, typer.Option("--priority", help="Whose turn.")
    ] = None,
    idempotency_key: Annotated[str, typer.Option("--idempotency-key", help="Makes repeating harmless.")] = "",
    send_at: Annotated[str, time_option("--send-at", "Not before")] = "",
    expire_at: Annotated[str, time_option("--expire-at", "Not after")] = "",
) -> int:
    """Enqueue one push given by flags, or those of a file; print each one's id and status."""
    flags = {
        "account": account,
        "to": to,
        "template_id": template,
        "data": _fields(data or ()),
        "url": url,
        "priority": priority,
        "idempotency_key": idempotency_key,
        "send_at": send_at,
        "expire_at": expire_at,
    }
    given = {name: value for name, value in flags.items() if value}
    rejected = 0
    for result in _enqueue(_pushes(file, given), server, key):
        rejected += result.get("status") == "rejected"
        words = (result.get("id"), result.get("status"), result.get("error"))
        sys.stdout.write(" ".join(str(word) for word in words if word) + "\n")
    if rejected:
        raise CommandError(f"{rejected} rejected")
    return 0


def status(
    push_id: Annotated[str, typer.Argument(metavar="ID")], server: Server = DEFAULT_SERVER, key: Key = ""
) -> int:
    """Show one push: its state, attempts, times and error."""
    show(_ask(server, key, "GET", push_id))
    return 0


def cancel(
    push_id: Annotated[str, typer.Argument(metavar="ID")], server: Server = DEFAULT_SERVER, key: Key = ""
) -> int:
    """Cancel a push that has not been sent."""
    show(_ask(server, key, "DELETE", push_id))
    return 0


def _pushes(file: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    from runtime.commands.push_file import read_pushes  # noqa: PLC0415  see the package

    if file and given:
        raise ConfigurationError(f"give the pushes in {file} or by flags, not both")
    if file:
        return read_pushes(file)
    for name, flag in (("account", "--account"), ("to", "--to")):
        if name not in given:
            raise ConfigurationError(f"{flag}: missing; or give a FILE of pushes")
    return [given]


def _enqueue(pushes: list[dict[str, Any]], server: str, key: str) -> Iterator[dict[str, Any]]:
    from runtime.commands.push_client import PushClient  # noqa: PLC0415  see the package

    with PushClient(server, key) as client:
        for start in range(0, len(pushes), _ITEMS_A_REQUEST):
            for index, result in enumerate(client.enqueue(pushes[start : start + _ITEMS_A_REQUEST])):
                if "error" in result:  # it counts within its request; people count within their file
                    result["error"] = result["error"].replace(f"pushes[{index}]", f"pushes[{start + index}]", 1)
                yield result
            _show_progress(min(start + _ITEMS_A_REQUEST, len(pushes)), len(pushes))


def _show_progress(done: int, whole: int) -> None:
    """On stderr, for a large file and where that is a terminal; the results go to stdout."""
    if whole > _ITEMS_A_REQUEST and sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} of {whole:,} pushes" + ("\n" if done == whole else ""))
        sys.stderr.flush()


def _ask(server: str, key: str, method: str, push_id: str) -> Any:
    from runtime.commands.push_client import ask  # noqa: PLC0415  see the package

    return ask(server, key, method, f"/v1/pushes/{quote(push_id, safe='')}")


def _fields(pairs: Iterable[str]) -> dict[str, str]:
    fields = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name:
            raise ConfigurationError(f'--data: expected NAME=TEXT, got "{pair}"')
        fields[name] = text
    return fields
