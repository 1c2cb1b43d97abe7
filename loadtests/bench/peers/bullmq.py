"""Where BullMQ and undici are, in common use the fastest queue with a sender; installed when first asked for."""

import shutil
from pathlib import Path

from loadtests.bench.peers.setup import PeerMissingError, cache_folder, install

_PACKAGES = ("bullmq", "ioredis", "undici")


def bullmq_packages() -> tuple[str, Path]:
    """Node, and the folder its packages are in. Raises PeerMissingError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PeerMissingError("apt-get install nodejs npm")
    folder = cache_folder("bullmq")
    if not all((folder / "node_modules" / name / "package.json").exists() for name in _PACKAGES):
        install([npm, "install", "--no-audit", "--no-fund", *_PACKAGES], folder)
    return node, folder
