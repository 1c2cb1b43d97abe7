"""The queues with senders that S4 is compared with: how each is installed, and the command that works off its pushes.

Each says "ready" on stdout once its jobs are enqueued, begins when it is told a line, says when it was done (seconds
since the epoch), and ends when it is told another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from loadtests.bench.peers.setup import node_with, python_with
from loadtests.bench.programs import Program, program

_HERE = Path(__file__).parent
_PYTHON_PACKAGES = (
    *("taskiq", "taskiq-redis", "aiohttp", "uvloop"),
    *("arq", "celery", "requests", "streaq", "trio", "httpx", "redis", "hiredis"),
)


class QueuePeerSettings(Struct, frozen=True, kw_only=True):
    """What a worker is told; `platform` is `http://HOST:PORT`, `run` makes its client_msg_ids its own."""

    socket: str
    platform: str
    token: str
    run: str
    concurrency: int
    count: int
    warmup: int = 3_000


class QueuePeer(Struct, frozen=True):
    """`share` of our pushes is enough for it: the slow ones would take minutes. `command` raises PeerMissingError."""

    share: float
    command: Callable[[], Sequence[object]]


def bullmq(script: str) -> Sequence[object]:
    """BullMQ with undici, in common use the fastest queue with a sender; one of our scripts for it."""
    node, packages = node_with("bullmq", "bullmq", "ioredis", "undici")
    return (node, _HERE / script, packages)


def _python(worker: str) -> Sequence[object]:
    return (python_with("python-queues", *_PYTHON_PACKAGES), "-m", f"loadtests.bench.peers.{worker}")


QUEUE_PEERS: Mapping[str, QueuePeer] = {
    "bullmq-undici": QueuePeer(1.0, partial(bullmq, "bullmq_worker.mjs")),
    "taskiq-aiohttp": QueuePeer(0.3, partial(_python, "taskiq_worker")),
    "arq-httpx": QueuePeer(0.1, partial(_python, "arq_worker")),
    "celery-threads": QueuePeer(0.1, partial(_python, "celery_worker")),
    "streaq-trio-httpx": QueuePeer(0.05, partial(_python, "streaq_worker")),
}


@contextmanager
def queue_peer(name: str, settings: QueuePeerSettings, *, core: int, folder: Path) -> Iterator[Program]:
    """Run a peer's worker. Raises PeerMissingError."""
    command = [*QUEUE_PEERS[name].command(), msgspec.json.encode(settings).decode()]
    with program(name, command, core=core, folder=folder) as peer:
        yield peer
