"""Fastify with ioredis: what most Node teams would build."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.peers.event_script import load_event_script
from loadtests.bench.peers.setup import node_with
from loadtests.bench.programs import Program, accepts, program
from loadtests.bench.store_process import StoreProcess

_PACKAGES = ("fastify", "ioredis", "fast-xml-parser")


@contextmanager
def fastify(store: StoreProcess, *, port: int, token: str, core: int, folder: Path) -> Iterator[Program]:
    """Run one Node process. Raises PeerMissingError."""
    node, packages = node_with("fastify", *_PACKAGES)
    environment = {
        "BENCH_PACKAGES": str(packages),
        "BENCH_PORT": str(port),
        "BENCH_TOKEN": token,
        "BENCH_SCRIPT": load_event_script(store.client),
        "BENCH_SOCKET": str(store.socket),
    }
    command = [node, Path(__file__).parent / "fastify_app.mjs"]
    with program("fastify", command, core=core, folder=folder, environment=environment) as peer:
        peer.until(lambda: accepts(port))
        yield peer
