"""The generator: prepared requests over a fixed number of connections, one at a time on each (closed loop).

How it works: one epoll loop over plain sockets, without a task, a timer or a parser object for any request; that costs
a third of the trio client, and the generator shares its core with the store. Run as a process by itself, so that its
pauses are not the benchmark's: `python -m loadtests.bench.burst_client FILE PORT CONNECTIONS`.
"""

import select
import socket
import time
from pathlib import Path

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.answer_framing import judge
from loadtests.bench.prepared_requests import read_requests
from loadtests.percentiles import percentile

_RECEIVE = 4096
_PATIENCE_SECONDS = 10.0
_PLATFORM_SECONDS = 5.0


class Burst(Struct, frozen=True, kw_only=True):
    """What became of the requests.

    `lost` are those whose connection ended or fell silent for ten seconds, `late` those that were answered after the
    five seconds that the platform waits.
    """

    acked: int
    refused: int
    lost: int
    late: int
    first_refusal: str
    seconds: float
    cpu_seconds: float
    p50_ms: float
    p99_ms: float
    slowest_ms: float


class _Generator:
    """The state of one burst; `began` and `partial` are by file descriptor."""

    def __init__(self, requests: list[bytes], port: int, connections: int) -> None:
        self._unsent = iter(requests)
        self._epoll = select.epoll()
        self._sockets = [_connect(port) for _ in range(min(connections, len(requests)))]
        self._by_fd = {sock.fileno(): sock for sock in self._sockets}
        self._began: dict[int, float] = {}
        self._partial: dict[int, bytes] = {}
        self.acked = self.refused = self.lost = 0
        self.first_refusal = b""
        self.latencies: list[float] = []

    def run(self) -> None:
        for fd in self._by_fd:
            self._epoll.register(fd, select.EPOLLIN)
            self._send_next(fd)
        while self._began:
            ready = self._epoll.poll(_PATIENCE_SECONDS)
            if not ready:
                self.lost += len(self._began)
                return
            for fd, _ in ready:
                self._receive(fd)

    def close(self) -> None:
        self._epoll.close()
        for sock in self._sockets:
            sock.close()

    def _send_next(self, fd: int) -> None:
        request = next(self._unsent, None)
        if request is None:
            self._began.pop(fd, None)
            return
        self._began[fd] = time.perf_counter()
        self._by_fd[fd].send(request)  # a request is smaller than any socket's buffer, and the last one was answered

    def _receive(self, fd: int) -> None:
        try:
            data = self._by_fd[fd].recv(_RECEIVE)
        except OSError:
            data = b""
        if not data:
            self._epoll.unregister(fd)
            self.lost += self._began.pop(fd, None) is not None
            return
        if self._partial:
            data = self._partial.pop(fd, b"") + data
        verdict = judge(data)
        if verdict == "incomplete":
            self._partial[fd] = data
            return
        if verdict == "acked":
            self.acked += 1
        else:
            self.refused += 1
            self.first_refusal = self.first_refusal or data
        self.latencies.append(time.perf_counter() - self._began[fd])
        self._send_next(fd)


def _connect(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setblocking(False)
    return sock


def burst(requests: list[bytes], port: int, connections: int) -> Burst:
    """Send all requests. Raises OSError if a connection cannot be made."""
    generator = _Generator(requests, port, connections)
    began, cpu = time.perf_counter(), time.process_time()
    generator.run()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    generator.close()
    latencies = sorted(generator.latencies)
    return Burst(
        acked=generator.acked,
        refused=generator.refused,
        lost=generator.lost,
        late=sum(latency > _PLATFORM_SECONDS for latency in latencies),
        first_refusal=generator.first_refusal[:300].decode(errors="replace"),
        seconds=seconds,
        cpu_seconds=cpu,
        p50_ms=percentile(latencies, 0.5) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
        slowest_ms=percentile(latencies, 1) * 1000,
    )


def main(file: Path, port: int, connections: int) -> None:
    """Send the file's requests and print what became of them."""
    print(msgspec.json.encode(burst(read_requests(file), port, connections)).decode())


if __name__ == "__main__":
    typer.run(main)
