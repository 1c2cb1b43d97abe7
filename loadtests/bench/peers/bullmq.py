"""BullMQ with undici: the fastest queue with a sender that is in common use, one Node process."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from loadtests.bench.peers.setup import PeerMissingError, cache_folder, install
from loadtests.bench.programs import Program, program

_PACKAGES = ("bullmq", "ioredis", "undici")


class BullmqSettings(Struct, frozen=True, kw_only=True):
    """What the worker is told; `platform` is `http://HOST:PORT`, `run` makes its client_msg_ids its own."""

    socket: str
    platform: str
    token: str
    run: str
    concurrency: int
    count: int
    warmup: int = 3_000


def bullmq_packages() -> tuple[str, Path]:
    """Node, and the folder its packages are in. Raises PeerMissingError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PeerMissingError("apt-get install nodejs npm")
    folder = cache_folder("bullmq")
    if not all((folder / "node_modules" / name / "package.json").exists() for name in _PACKAGES):
        install([npm, "install", "--no-audit", "--no-fund", *_PACKAGES], folder)
    return node, folder


@contextmanager
def bullmq(settings: BullmqSettings, *, core: int, folder: Path) -> Iterator[Program]:
    """Run a worker; it says "ready" once the jobs are enqueued, and begins when it is told a line."""
    node, packages = bullmq_packages()
    script = Path(__file__).parent / "bullmq_worker.mjs"
    command = [node, script, packages / "package.json", msgspec.json.encode(settings).decode()]
    with program("bullmq", command, core=core, folder=folder) as peer:
        yield peer
