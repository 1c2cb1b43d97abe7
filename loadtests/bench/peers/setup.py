"""Where peers' packages go (never into the project or its environment), and how a missing peer is told."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_INSTALL_SECONDS = 180


class PeerMissingError(Exception):
    """A peer cannot be set up here; says what is missing."""


def cache_folder(name: str) -> Path:
    """A folder for a peer's packages, kept between runs."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tidegate-bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def install(command: Sequence[object], folder: Path) -> None:
    """Run an installer there. Raises PeerMissingError if it fails or is not there."""
    words = [str(word) for word in command]
    try:
        subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=_INSTALL_SECONDS)  # noqa: S603 – our own commands
    except (OSError, subprocess.SubprocessError) as error:
        raise PeerMissingError(f"{words[0]} could not install {words[-1]}: {error}") from error
