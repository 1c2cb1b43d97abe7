"""What else puts jobs into Redis. Each is a program that says "ready", waits for a line, and says how long it took."""

import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from loadtests.bench.peers.bullmq import bullmq_packages
from loadtests.bench.peers.setup import PeerMissingError, cache_folder, install

_HERE = Path(__file__).parent
_STREAQ = ("streaq", "redis", "hiredis")


class Enqueuer(Struct, frozen=True):
    """The words before SOCKET PUSHES BATCH; `slower` shortens its runs. `command` raises PeerMissingError."""

    command: Callable[[], list[object]]
    slower: int = 1


def _xadd() -> list[object]:
    return [sys.executable, _HERE / "xadd_pipeline.py"]


def _bullmq() -> list[object]:
    node, packages = bullmq_packages()
    return [node, _HERE / "bullmq_bulk.mjs", packages / "package.json"]


def _streaq() -> list[object]:
    folder = cache_folder("streaq")
    python = folder / "bin" / "python"
    if not any(folder.glob("lib/python*/site-packages/streaq")):
        if shutil.which(sys.executable) is None:
            raise PeerMissingError("no interpreter to make an environment with")
        install([sys.executable, "-m", "venv", folder], folder)
        install([python, "-m", "pip", "install", "--quiet", *_STREAQ], folder)
    return [python, _HERE / "streaq_bulk.py"]


ENQUEUERS: Mapping[str, Enqueuer] = {
    "redis-py-xadd": Enqueuer(_xadd),
    "bullmq-add-bulk": Enqueuer(_bullmq, slower=4),
    "streaq-enqueue-many": Enqueuer(_streaq, slower=8),
}
