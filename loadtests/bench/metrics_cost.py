"""What the metrics cost: S1 and S4 with them beside S1 and S4 without, and a scrape of many accounts after restarts.

The two sides of a round follow each other, and the ratio is taken round by round, so what drifts slowly cancels out.
"""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.callback_sides import measure, our_side
from loadtests.bench.figures import medians, ratios
from loadtests.bench.prepared_requests import signed_callbacks, write_requests
from loadtests.bench.programs import RUN, end_on_sigterm, program
from loadtests.bench.s4 import PushBench
from loadtests.bench.tidegate_processes import serving
from loadtests.fetcher import fetch
from loadtests.percentiles import percentile
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.ports import free_port

WITHOUT = Path(__file__).parent / "without_metrics.py"
_CONNECTIONS = 64
_IN_FLIGHT = 200
_SETTLE_SECONDS = 2.0
_WORKERS = 4

_ACCOUNT = """
[[accounts]]
name = "account-{number}"
app_id = "wx{number:016d}"
app_secret = "secret"
token = "token"
api_base = "http://127.0.0.1:9"
"""
_CONFIGURATION = """\
[server]
bind = "127.0.0.1:0"
processes = 2
[pushers]
processes = 2
[store]
data_dir = "{folder}/data"
[metrics]
bind = "127.0.0.1:{port}"
[[upstreams]]
name = "demo"
key = "demo-upstream-key"
"""


class Cost(Struct, frozen=True):
    """The medians of CPU in µs a piece, with and without, and what part of it the metrics are, round by round."""

    with_metrics: float
    without: float
    share: float


class Scrapes(Struct, frozen=True, kw_only=True):
    """Times in ms of scrapes before and after workers were replaced `restarts` times; `series` in one answer."""

    accounts: int
    restarts: int
    series: int
    before_p50: float
    after_p50: float
    after_p99: float


class Report(Struct, frozen=True, kw_only=True):
    """What is printed."""

    bench: str = "metrics"
    rounds: int
    s1: Cost
    s4: Cost
    scrape: Scrapes


def s1_cost(rounds: int, callbacks: int) -> Cost:
    """CPU of the gateway, a callback."""
    platform = SimulatorOptions()
    rows: dict[str, list[dict[str, float]]] = {"with": [], "without": []}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        sides = [
            our_side(stack, folder, platform, "with"),
            our_side(stack, folder, platform, "without", WITHOUT),
        ]
        for number in range(-1, rounds):
            requests = folder / "requests"
            write_requests(requests, signed_callbacks(platform, number + 2), callbacks if number >= 0 else 2_000)
            for side in sides if number % 2 else reversed(sides):
                row = measure(side, requests, _CONNECTIONS, folder)
                if number >= 0:
                    rows[side.name].append(row)
    return _cost(rows["with"], rows["without"], "cpu_server")


def s4_cost(rounds: int, pushes: int) -> Cost:
    """CPU of the pusher, a push."""
    rows: dict[Path, list[dict[str, float]]] = {RUN: [], WITHOUT: []}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        bench = PushBench(stack, Path(name))
        for number in range(rounds):
            for run in rows if number % 2 else reversed(rows):
                rows[run].append(bench.ours(_IN_FLIGHT, pushes, run))
    return _cost(rows[RUN], rows[WITHOUT], "cpu_sender")


def _cost(ours: list[dict[str, float]], bare: list[dict[str, float]], figure: str) -> Cost:
    share = 1 - 1 / ratios(ours, bare, (figure,))[figure]
    return Cost(medians(ours)[figure], medians(bare)[figure], round(share, 4))


def scrapes(accounts: int, restarts: int, count: int) -> Scrapes:
    """A whole `serve` with two gateways and two pushers; its workers are replaced by SIGHUP, all four each time."""
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name:
        folder, port = Path(name), free_port()
        configuration = folder / "tidegate.toml"
        configuration.write_text(
            _CONFIGURATION.format(folder=folder, port=port)
            + "".join(_ACCOUNT.format(number=number) for number in range(accounts))
        )
        with program("serve", serving("serve", configuration), core=None, folder=folder) as serve:
            serve.line()
            serve.until(lambda: _begun(port) >= _WORKERS)
            before, series = _scrape(port, count)
            for number in range(-(-restarts // _WORKERS)):
                os.kill(serve.pid, signal.SIGHUP)
                wanted = (number + 2) * _WORKERS
                serve.until(lambda: _begun(port) >= wanted, look_seconds=0.2)  # noqa: B023  called before it changes
            time.sleep(_SETTLE_SECONDS)
            after, _ = _scrape(port, count)
            done = _begun(port) - _WORKERS
    return Scrapes(
        accounts=accounts,
        restarts=done,
        series=series,
        before_p50=round(median(before), 1),
        after_p50=round(median(after), 1),
        after_p99=round(percentile(after, 0.99), 1),
    )


def _scrape(port: int, count: int) -> tuple[list[float], int]:
    """The times of so many scrapes in ms, ascending, and how many series the last one had."""
    times, text = [], b""
    for _ in range(count):
        began = time.perf_counter()
        text = _get(port)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times), sum(not line.startswith(b"#") for line in text.splitlines())


def _begun(port: int) -> int:
    """How many gateways and pushers have begun so far; 0 while nothing answers."""
    try:
        lines = _get(port).decode().splitlines()
    except OSError:
        return 0
    return sum(_starts(lines))


def _starts(lines: list[str]) -> Iterator[int]:
    for line in lines:
        if line.startswith("tidegate_process_starts_total") and "supervisor" not in line:
            yield int(float(line.rpartition(" ")[2]))


def _get(port: int) -> bytes:
    return fetch(f"http://127.0.0.1:{port}/metrics").body


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 7,
    callbacks: Annotated[int, typer.Option(min=1, help="a side and a round")] = 30_000,
    pushes: Annotated[int, typer.Option(min=1, help="a side and a round")] = 10_000,
    accounts: Annotated[int, typer.Option(min=1, help="for the scrape")] = 10,
    restarts: Annotated[int, typer.Option(min=0, help="of workers, before the last scrapes")] = 40,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    report = Report(
        rounds=rounds,
        s1=s1_cost(rounds, callbacks),
        s4=s4_cost(rounds, pushes),
        scrape=scrapes(accounts, restarts, 50),
    )
    print(msgspec.json.encode(report).decode())


if __name__ == "__main__":
    typer.run(main)
