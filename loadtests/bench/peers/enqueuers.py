"""What else puts jobs into Redis. Each is a program that says "ready", waits for a line, and says how long it took."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from loadtests.bench.peers.queue_peers import bullmq
from loadtests.bench.peers.setup import python_with

_HERE = Path(__file__).parent


class Enqueuer(Struct, frozen=True):
    """The words before SOCKET PUSHES BATCH; `slower` shortens its runs. `command` raises PeerMissingError."""

    command: Callable[[], Sequence[object]]
    slower: int = 1


def _xadd() -> Sequence[object]:
    return (sys.executable, _HERE / "xadd_pipeline.py")


def _streaq() -> Sequence[object]:
    return (python_with("streaq", "streaq", "redis", "hiredis"), _HERE / "streaq_bulk.py")


ENQUEUERS: Mapping[str, Enqueuer] = {
    "redis-py-xadd": Enqueuer(_xadd),
    "bullmq-add-bulk": Enqueuer(partial(bullmq, "bullmq_bulk.mjs"), slower=4),
    "streaq-enqueue-many": Enqueuer(_streaq, slower=8),
}
