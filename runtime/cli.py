"""The command line: which verbs there are, and how each ends.

Exit status: 0 success, 1 the work failed, 2 wrong usage or configuration; always with one line on stderr, and no
traceback for anybody who did not ask for `TIDEGATE_LOG=debug`.
"""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from typer.exceptions import TyperException

from runtime.commands.accounts import quota, resume
from runtime.commands.checking import check
from runtime.commands.dead import dead
from runtime.commands.doctoring import doctor
from runtime.commands.pushes import cancel, push, status
from runtime.commands.serving import gateway, pusher, serve
from runtime.commands.showing import demo, simulate
from runtime.commands.watching import top
from runtime.errors import cause_of, first_of
from runtime.version import VERSION

PROGRAM: Final = "tidegate"
_INTERRUPTED: Final = 130
"""What typer makes of Ctrl-C; trio's nurseries wrap it in a group, which typer does not see."""

app = typer.Typer(
    name=PROGRAM,
    help="A push and callback gateway: absorbs callback spikes, drains rate-limited pushes.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _command in (serve, gateway, pusher, demo, simulate, check, doctor, top, push, status, cancel, quota, resume):
    app.command()(_command)
app.add_typer(dead)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"{PROGRAM} {VERSION}\n")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A push and callback gateway: absorbs callback spikes, drains rate-limited pushes."""


def main() -> None:
    """Run the command of this process's arguments and exit with its status."""
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter's own flush complains again
        status = status or _explain(error)
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit status. Whatever goes wrong is one line on stderr."""
    command = typer.main.get_command(app)
    try:
        result: Any = command.main(args=list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except TyperException as error:
        asked = getattr(error, "ctx", None)  # the command whose flags are wrong, where it came to one
        wrong = _one_line(error.format_message()).replace(": Value error, ", ": ")  # pydantic's words, inside typer
        return _complain(f"{wrong}; see {asked.command_path if asked else PROGRAM} --help", 2)
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  the last resort: a line, not a traceback
        if not isinstance(error, BaseExceptionGroup) or not error.subgroup(KeyboardInterrupt):
            return _explain(error)
        result = _INTERRUPTED
    return _complain("interrupted", 1) if result == _INTERRUPTED else int(result or 0)


def _explain(error: BaseException) -> int:
    cause = cause_of(error)
    if cause is not None:
        return _complain(_one_line(str(cause)), cause.status)
    if isinstance(error, BrokenPipeError):  # the reader of our output has closed it, as `head` does
        return 1
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _complain(f"cannot write: {error.strerror}", 1)
    if os.environ.get("TIDEGATE_LOG", "").lower() == "debug":
        traceback.print_exception(error)
    return _complain(f"internal error: {_where(error)}; TIDEGATE_LOG=debug shows more", 1)


def _complain(line: str, status: int) -> int:
    sys.stderr.write(f"{PROGRAM}: {line}\n")
    return status


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _where(error: BaseException) -> str:
    """The kind of the error and where it came from: its words might hold a secret."""
    error = first_of(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119  a word
    return f"{type(error).__name__}{place}"
