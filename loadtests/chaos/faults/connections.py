"""Connections cut by the kernel, as a firewall that forgot them would."""

import random
import shutil
import socket
import subprocess
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

import trio

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene


class Cut(Fault, frozen=True, kw_only=True, tag="cut"):
    """Destroy every connection to the gateways, the platform or the store (`external` only); measures `cut`."""

    to: Literal["gateway", "platform", "store"]

    def missing(self) -> str:
        return "" if _can_cut() else "ss -K (iproute2, root, and a kernel with INET_DIAG_DESTROY)"

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        stand = scene.stand
        happening = scene.begin("cut", self.to)
        ports = {
            "gateway": urlsplit(stand.gateway_url).port,
            "platform": urlsplit(stand.platform_url).port,
            "store": stand.store and stand.store.port,
        }
        port = ports[self.to]
        if not port:
            happening.note = "the embedded store's connections are a Unix socket's, which nothing cuts"
            return
        happening.measured["cut"] = float(await trio.to_thread.run_sync(_cut, port))
        happening.healed = trio.current_time()


def _cut(port: int) -> int:
    """Destroy the established connections to a loopback port of ours; how many there were."""
    command = ["ss", "-HKt", "state", "established", "dst", "127.0.0.1", "dport", "=", str(port)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  our own words
    return len(done.stdout.splitlines())


@cache
def _can_cut() -> bool:
    """Try it on a connection of our own."""
    if shutil.which("ss") is None:
        return False
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        with socket.create_connection(address) as near:
            far, _ = listener.accept()
            with far:
                _cut(address[1])
                near.setblocking(False)
                try:
                    near.recv(1)
                except BlockingIOError:
                    return False  # it is still there
                except OSError:
                    return True
                return True
