"""`top`: what `/metrics` says now."""

import io
import sys
from typing import Annotated

import typer

_PICTURE_COLUMNS = 120


def top(
    metrics: Annotated[
        str, typer.Option("--metrics", metavar="URL", envvar="TIDEGATE_METRICS_URL", help="Where /metrics answers.")
    ] = "http://127.0.0.1:9090/metrics",
    *,
    every: Annotated[float, typer.Option("--every", min=0.2, help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Show one screen and end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The same as one JSON object, for scripts.")] = False,
    svg: Annotated[str, typer.Option("--svg", metavar="FILE", help="Keep one screen as a picture.")] = "",
) -> int:
    """Show rates, queues, quotas and delays live, from /metrics alone; q or Ctrl-C ends it."""
    import msgspec  # noqa: PLC0415  see the package
    import trio  # noqa: PLC0415  see the package
    from rich.console import Console  # noqa: PLC0415  see the package

    from runtime.errors import CommandError  # noqa: PLC0415  see the package
    from runtime.top.screen import draw  # noqa: PLC0415  see the package
    from runtime.top.session import look_once, watch  # noqa: PLC0415  see the package
    from runtime.top.source import Source  # noqa: PLC0415  see the package

    source = Source(metrics)
    if not (once or json or svg):
        console = Console()
        if not console.is_terminal:
            raise CommandError("stdout is no terminal; use --once or --json")
        try:
            trio.run(watch, source, every, console)
        except KeyboardInterrupt:  # the usual way out
            return 0
        return 0
    snapshot = trio.run(look_once, source, every)
    if json:
        sys.stdout.write(msgspec.json.encode(snapshot).decode() + "\n")
        return 0
    if not svg:
        Console().print(draw(snapshot, source.url))
        return 0
    canvas = Console(record=True, file=io.StringIO(), width=_PICTURE_COLUMNS)
    canvas.print(draw(snapshot, source.url))
    try:
        canvas.save_svg(svg, title="tidegate top")
    except OSError as error:
        raise CommandError(f"--svg: cannot write {svg}: {error.strerror}") from None
    return 0
