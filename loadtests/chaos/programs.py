"""Goals that break nothing, and so are shown by a program of their own: its command, by the goal's number."""

import subprocess
import sys

PROGRAMS: dict[str, tuple[str, ...]] = {
    "R11": ("pytest", "-q", "tests/conformance", "tests/gateway/http/test_request_reader.py"),
    "R18": ("loadtests.monitored",),
}


def run_program(name: str) -> int:
    """Run it as a module of this Python; its exit status."""
    return subprocess.run([sys.executable, "-m", *PROGRAMS[name]], check=False).returncode  # noqa: S603  ours
