"""Where peers' packages go (never into the project or its environment), and how a missing peer is told."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_INSTALL_SECONDS = 180


class PeerMissingError(Exception):
    """A peer cannot be set up here; says what is missing."""


def python_with(name: str, *packages: str) -> Path:
    """The interpreter of an environment of that name that has the packages. Raises PeerMissingError."""
    folder = _cache_folder(name)
    python, installed = folder / "bin" / "python", folder / "installed"
    if not installed.exists():
        _install([sys.executable, "-m", "venv", folder], folder)
        _install([python, "-m", "pip", "install", "--quiet", *packages], folder)
        installed.touch()
    return python


def node_with(name: str, *packages: str) -> tuple[str, Path]:
    """Node, and the `package.json` of a folder of that name that has the packages. Raises PeerMissingError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PeerMissingError("apt-get install nodejs npm")
    folder = _cache_folder(name)
    if not all((folder / "node_modules" / package / "package.json").exists() for package in packages):
        _install([npm, "install", "--no-audit", "--no-fund", *packages], folder)
    return node, folder / "package.json"


def _cache_folder(name: str) -> Path:
    """A folder for a peer's packages, kept between runs."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tidegate-bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _install(command: Sequence[object], folder: Path) -> None:
    """Run an installer there. Raises PeerMissingError if it fails or is not there."""
    words = [str(word) for word in command]
    try:
        subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=_INSTALL_SECONDS)  # noqa: S603 – our own commands
    except (OSError, subprocess.SubprocessError) as error:
        raise PeerMissingError(f"{words[0]} could not install {words[-1]}: {error}") from error
