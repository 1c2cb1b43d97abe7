"""The generator of S5: prepared batches over a few connections, one at a time on each (closed loop).

Run as a process by itself, so that its pauses are not the benchmark's:
`python -m loadtests.bench.batch_client PORT PUSHES BATCH CONNECTIONS`.
"""

import http.client
import itertools
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import typer
from msgspec import Struct

from loadtests.percentiles import percentile
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY

_SECONDS = 30.0
_HEADERS = {"Authorization": f"Bearer {UPSTREAM_KEY}", "Content-Type": "application/json"}


class Enqueued(Struct, frozen=True, kw_only=True):
    """What became of the pushes that were queued, and of the requests that were refused."""

    queued: int
    refused: int
    first_refusal: str
    seconds: float
    p50_ms: float
    p99_ms: float


def batches(pushes: int, batch: int) -> list[bytes]:
    """Requests of `batch` pushes, each to somebody else; what goes to the platform of each has 300 bytes."""
    numbers = iter(range(pushes))
    return [
        msgspec.json.encode({"pushes": [_item(number) for number in itertools.islice(numbers, batch)]})
        for _ in range(pushes // batch)
    ]


def _item(number: int) -> dict[str, object]:
    return {
        "account": ACCOUNT,
        "to": f"oPush{number:023d}",
        "template_id": "TPL_NOTICE_0000000000000000000000000000000",
        "url": f"https://notices.example.test/traffic/wuhan/2026/{number:08d}",
        "data": {
            "thing1": f"办理进度 {number:08d}",
            "number2": f"{number:08d}",
            "time3": "2024-04-26 14:30",
            "thing4": "请于三个工作日内办理",
        },
    }


class _Generator:
    """Threads that share the unsent requests; between two of them stands only the interpreter's lock."""

    def __init__(self, requests: list[bytes], port: int) -> None:
        self._unsent = iter(requests)
        self._port = port
        self.latencies: list[float] = []
        self.queued = self.refused = 0
        self.first_refusal = b""

    def converse(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)
        while (request := next(self._unsent, None)) is not None:
            began = time.perf_counter()
            connection.request("POST", "/v1/pushes", request, _HEADERS)
            answer = connection.getresponse().read()
            self.latencies.append(time.perf_counter() - began)
            queued = answer.count(b'"queued"')
            self.queued += queued
            if not queued:
                self.refused += 1
                self.first_refusal = answer
        connection.close()


def enqueue(requests: list[bytes], port: int, connections: int) -> Enqueued:
    """Send all requests. Raises OSError or HTTPException if a connection fails."""
    generator = _Generator(requests, port)
    began = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        for future in [pool.submit(generator.converse) for _ in range(connections)]:
            future.result()
    seconds = time.perf_counter() - began
    latencies = sorted(generator.latencies)
    return Enqueued(
        queued=generator.queued,
        refused=generator.refused,
        first_refusal=generator.first_refusal[:300].decode(errors="replace"),
        seconds=seconds,
        p50_ms=percentile(latencies, 0.5) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
    )


def main(port: int, pushes: int, batch: int, connections: int) -> None:
    """Send so many pushes once a line says so, and print what became of them."""
    requests = batches(pushes, batch)
    print("ready", flush=True)
    sys.stdin.readline()
    print(msgspec.json.encode(enqueue(requests, port, connections)).decode(), flush=True)


if __name__ == "__main__":
    typer.run(main)
