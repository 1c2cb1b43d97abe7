"""The command line: every wrong use is one line on stderr and the right status."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import cli
from runtime.commands.simulator_flags import simulator_options
from runtime.errors import CommandError, ConfigurationError
from runtime.version import VERSION
from tests.runtime.serving import ROOT, write_configuration


@pytest.fixture
def in_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("TIDEGATE_URL", "TIDEGATE_KEY", "TIDEGATE_LOG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("", "tidegate: Missing command"),
        ("serv", "tidegate: No such command 'serv'"),
        ("serve --confg x", "tidegate: No such option: --confg"),
        ("serve extra", "tidegate: Got unexpected extra argument"),
        ("serve --config gone.toml", "tidegate: gone.toml: no such file"),
        ("gateway --config gone.toml", "tidegate: gone.toml: no such file"),
        ("check", "tidegate: environment: accounts: none configured; set TIDEGATE_ACCOUNTS__0__APP_ID"),
        ("demo --seconds soon", "tidegate: Invalid value for '--seconds'"),
        ("simulate --latency-ms fast", "tidegate: Invalid value for '--latency-ms'"),
        ("simulate --faults -1", 'tidegate: --faults: expected NAME=NUMBER, got "-1"'),
        ("status", "tidegate: Missing argument 'ID'"),
        ("status 0-X", "tidegate: --key: missing; give an upstream's key here or in TIDEGATE_KEY"),
        ("status 0-X --key env:NOT_SET", "tidegate: --key: the environment variable NOT_SET is not set"),
        ("cancel 0-X --key k --server localhost", "tidegate: --server: expected a URL such as"),
        ("push --key k --account a", "tidegate: --to: missing; or give a FILE of pushes"),
        ("push --key k --account a --to b --data x", 'tidegate: --data: expected NAME=TEXT, got "x"'),
        ("push gone.json --key k", "tidegate: gone.json: cannot be read: No such file or directory"),
        ("push gone.json --key k --to x", "tidegate: give the pushes in gone.json or by flags, not both"),
        (
            "push --key k --account a --to b --send-at soon",
            "tidegate: Invalid value for '--send-at': expected RFC 3339 with an offset, as",
        ),
        (
            "push --key k --account a --to b --priority urgent",
            "tidegate: Invalid value for '--priority': 'urgent' is not",
        ),
        (
            "dead list --key k --after yesterday",
            "tidegate: Invalid value for '--after': expected RFC 3339 with an offset, as 2026-05-01T08:00:00+08:00, ",
        ),
        (
            "dead replay --key k --before 2026-05-01T08:00:00",
            "tidegate: Invalid value for '--before': expected RFC 3339 with an offset",
        ),
        ("dead", "tidegate: Missing command"),
        ("dead replay --key k", "tidegate: say which: either ids, or --account, --error, --after, --before, or --all"),
        ("dead replay 0-X --all --key k", "tidegate: say which: either ids"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    in_directory: Path, capsys: pytest.CaptureFixture[str], arguments: str, line: str
) -> None:
    assert cli.run(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "help_of"),
    [("serv", "tidegate"), ("serve extra", "tidegate serve"), ("dead replay --idd x", "tidegate dead replay")],
)
def test_wrong_usage_leads_to_the_help_of_that_command(
    in_directory: Path, capsys: pytest.CaptureFixture[str], arguments: str, help_of: str
) -> None:
    assert cli.run(arguments.split()) == 2
    assert capsys.readouterr().err.endswith(f"; see {help_of} --help\n")


@pytest.mark.parametrize("role", ["gateway", "pusher"])
def test_only_serve_starts_the_embedded_store(
    in_directory: Path, capsys: pytest.CaptureFixture[str], role: str
) -> None:
    write_configuration(in_directory)
    assert cli.run([role]) == 2
    assert capsys.readouterr().err == (
        f'tidegate: store.url: "embedded" is started by serve alone; give {role} the URL of a running Valkey or Redis\n'
    )


def test_a_gateway_that_is_not_there_is_status_1(in_directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["status", "0-X", "--key", "k", "--server", "http://127.0.0.1:9"]) == 1
    assert capsys.readouterr().err == "tidegate: cannot reach http://127.0.0.1:9: [Errno 111] Connection refused\n"


def test_help_and_version_are_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"tidegate {VERSION}\n"
    assert cli.run(["--help"]) == 0
    assert cli.run(["push", "--help"]) == 0
    assert cli.run(["simulate", "--help"]) == 0
    assert "--latency-ms" in capsys.readouterr().out


def test_a_bug_is_one_line_without_its_words_which_might_be_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("hush-hush")

    monkeypatch.setattr("runtime.configuration.settings.load_settings", broken)
    assert cli.run(["check"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("tidegate: internal error: RuntimeError at test_cli.py:")
    assert "hush" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("wrapped", [lambda error: error, lambda error: BaseExceptionGroup("nursery", [error])])
def test_ctrl_c_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrapped: Callable[[BaseException], BaseException],
) -> None:
    def interrupted(_: object) -> None:
        raise wrapped(KeyboardInterrupt())

    monkeypatch.setattr("runtime.configuration.settings.load_settings", interrupted)
    assert cli.run(["check"]) == 1
    assert capsys.readouterr() == ("", "tidegate: interrupted\n")


@pytest.mark.e2e
def test_ctrl_c_while_modules_are_imported_ends_it_without_a_word() -> None:
    program = (
        "import os, signal, sys\n"
        "class Interrupter:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupter())\n"
        "from runtime.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.e2e
def test_output_that_cannot_be_written_is_one_line_too() -> None:
    command = [sys.executable, str(ROOT / "run.py"), "--version"]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environ)
    assert (done.returncode, done.stderr) == (1, "tidegate: cannot write: No space left on device\n")


@pytest.mark.parametrize(("error", "status"), [(CommandError("x"), 1), (ConfigurationError("x"), 2)])
def test_an_error_from_inside_a_nursery_is_told_like_any_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: CommandError, status: int
) -> None:
    def broken(_: object) -> None:
        raise ExceptionGroup("nursery", [ExceptionGroup("nursery", [error])])

    monkeypatch.setattr("runtime.configuration.settings.load_settings", broken)
    assert cli.run(["check"]) == status
    assert capsys.readouterr().err == "tidegate: x\n"


@pytest.mark.e2e
def test_the_program_itself_ends_like_this_too(tmp_path: Path) -> None:
    (tmp_path / "tidegate.toml").write_text("[server]\nbnd = 1\n")
    command = [sys.executable, str(ROOT / "run.py"), "serve"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tidegate: tidegate.toml: server.bnd: unknown key; did you mean server.bind?\n"


def test_the_version_is_that_of_the_package() -> None:
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()


def test_simulator_flags_become_its_options() -> None:
    options = simulator_options({"templates": ["a", "b"], "faults": ["-1=0.5"], "latency_ms": 50.0})
    assert options.templates == ("a", "b")
    assert options.faults == {"-1": 0.5}
    assert options.latency_ms == 50


@pytest.mark.e2e
def test_what_starts_often_imports_little() -> None:
    program = (
        "import sys, runtime.cli, runtime.supervision.supervisor\n"
        "heavy = {'httpx', 'rich.console', 'redis', 'cryptography', 'asyncio'} & set(sys.modules)\n"
        "print(sorted(heavy - {'asyncio', 'rich.console'}))"  # these two come with structlog
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
