"""What a run was made on, as far as it matters to the figures: no names of machines, no paths."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct

_ROOT = Path(__file__).parent.parent.parent
_PACKAGES = ("trio", "httptools", "redis", "hiredis", "msgspec")
_GIBIBYTE = 2**30


class Machine(Struct, frozen=True, kw_only=True):
    """The machine and the software. `store` is the store's own name and version."""

    cpu: str
    cores: int
    memory_gib: int
    kernel: str
    python: str
    store: str
    packages: str

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Name and value, in the order in which they are read best."""
        return (
            ("CPU", f"{self.cpu}, {self.cores} cores"),
            ("memory", f"{self.memory_gib} GiB"),
            ("kernel", self.kernel),
            ("Python", self.python),
            ("store", self.store),
            ("packages", self.packages),
        )


def look_around(store: str) -> Machine:
    """This machine; cores are those that this process may use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        cpu=cpu_model(Path("/proc/cpuinfo")),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(memory / _GIBIBYTE),
        kernel=f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        store=store,
        packages=", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    )


def cpu_model(cpuinfo: Path) -> str:
    """The model as the kernel tells it; the architecture where it tells none."""
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.machine()


class Commit(Struct, frozen=True):
    """The short name of the commit, and whether files that it has were changed since; empty outside of a checkout."""

    name: str
    changed: bool

    def __str__(self) -> str:
        return f"{self.name or 'unknown'}{' with changes' if self.changed else ''}"


def current_commit(root: Path = _ROOT) -> Commit:
    """The commit that the code is of."""
    name = _git(root, "rev-parse", "--short", "HEAD")
    return Commit(name, bool(name and _git(root, "status", "--porcelain", "--untracked-files=no")))


def _git(root: Path, *arguments: str) -> str:
    try:
        run = subprocess.run(  # noqa: S603 – fixed words
            ["git", *arguments],  # noqa: S607 – git is where PATH says
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""
