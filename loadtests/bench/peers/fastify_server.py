"""Fastify with ioredis: what most Node teams would build."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.peers.event_script import load_event_script
from loadtests.bench.peers.setup import PeerMissingError, cache_folder, install
from loadtests.bench.programs import Program, accepts, program
from loadtests.bench.store_process import StoreProcess

_PACKAGES = ("fastify", "ioredis", "fast-xml-parser")


def fastify_packages() -> tuple[str, Path]:
    """Node, and the folder its packages are in. Raises PeerMissingError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PeerMissingError("apt-get install nodejs npm")
    folder = cache_folder("fastify")
    if not all((folder / "node_modules" / name / "package.json").exists() for name in _PACKAGES):
        install([npm, "install", "--no-audit", "--no-fund", *_PACKAGES], folder)
    return node, folder


@contextmanager
def fastify(store: StoreProcess, *, port: int, token: str, core: int, folder: Path) -> Iterator[Program]:
    """Run one Node process. Raises PeerMissingError."""
    node, packages = fastify_packages()
    environment = {
        "BENCH_PACKAGES": str(packages / "package.json"),
        "BENCH_PORT": str(port),
        "BENCH_TOKEN": token,
        "BENCH_SCRIPT": load_event_script(store.client),
        "BENCH_SOCKET": str(store.socket),
    }
    command = [node, Path(__file__).parent / "fastify_app.mjs"]
    with program("fastify", command, core=core, folder=folder, environment=environment) as peer:
        peer.until(lambda: accepts(port))
        yield peer
