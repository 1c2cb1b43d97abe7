"""A real Prometheus of our own: on loopback, with its own data, ended with the run."""

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urlencode

import trio
from msgspec import Struct

from loadtests.fetcher import fetch
from loadtests.http_client import Answer
from loadtests.stand.ports import free_port
from loadtests.stand.process import StandProcess

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "monitoring" / "alerts"
SCRAPE_SECONDS = 1
_POLL_SECONDS = 0.1
_OK = 200

_CONFIGURATION = """\
global: {{scrape_interval: {seconds}s, scrape_timeout: {seconds}s, evaluation_interval: {seconds}s}}
rule_files: ["{rules}/*.yml"]
scrape_configs:
  - job_name: tidegate
    static_configs: [{{targets: ["{target}"]}}]
"""


class PrometheusMissingError(Exception):
    """There is no `prometheus` on the PATH (Debian: the package of that name)."""


class QueryError(Exception):
    """Prometheus does not accept a query, or did not answer it."""


class Series(Struct, frozen=True):
    """One series of an answer: its labels, and its values by time (seconds since the epoch)."""

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float:
        return self.points[-1][1]


class Prometheus:
    """One that runs. Queries block; call them in a thread where others wait."""

    def __init__(self, port: int) -> None:
        self.authority = f"127.0.0.1:{port}"

    def query(self, expression: str) -> list[Series]:
        """What it says now. Raises QueryError."""
        result = self._ask("/api/v1/query", {"query": expression})
        return [Series(each["metric"], (_point(each["value"]),)) for each in result]

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[Series]:
        """What it said every `step` seconds. Raises QueryError."""
        asked = {"query": expression, "start": str(start), "end": str(end), "step": str(step)}
        return [
            Series(each["metric"], tuple(_point(value) for value in each["values"]))
            for each in self._ask("/api/v1/query_range", asked)
        ]

    def total(self, expression: str) -> float:
        """The sum of all series of an expression; 0 if there is none."""
        return sum(series.last for series in self.query(expression))

    def ready(self) -> bool:
        try:
            return self._get("/-/ready").status == _OK
        except OSError:
            return False

    def _ask(self, path: str, asked: dict[str, str]) -> list[dict]:  # type: ignore[type-arg]  # as JSON has it
        try:
            answer = self._get(f"{path}?{urlencode(asked, quote_via=quote)}")
            told = json.loads(answer.body)
        except (OSError, HTTPException, ValueError) as error:
            raise QueryError(f"{asked['query']}: {type(error).__name__}") from error
        if answer.status != _OK:
            raise QueryError(f"{asked['query']}: {told.get('error', answer.status)}")
        result: list[dict] = told["data"]["result"]  # type: ignore[type-arg]
        return result

    def _get(self, path: str) -> Answer:
        return fetch(f"http://{self.authority}{path}")


def _point(value: Sequence[float | str]) -> tuple[float, float]:
    return float(value[0]), float(value[1])


@asynccontextmanager
async def open_prometheus(folder: Path, target: str) -> AsyncIterator[Prometheus]:
    """Start one that scrapes `target` (HOST:PORT) once a second and evaluates our rules; end it at the end.

    Raises:
        PrometheusMissingError: it is not installed.
        StandError: it did not get ready.
    """
    program = shutil.which("prometheus")
    if program is None:
        raise PrometheusMissingError("prometheus is not installed (Debian: apt-get install prometheus)")
    configuration = folder / "prometheus.yml"
    configuration.write_text(_CONFIGURATION.format(seconds=SCRAPE_SECONDS, rules=RULES, target=target))
    prometheus = Prometheus(free_port())

    async def ready(process: trio.Process) -> str:
        while not await trio.to_thread.run_sync(prometheus.ready):
            if process.poll() is not None:
                return ""
            await trio.sleep(_POLL_SECONDS)
        return prometheus.authority

    process = StandProcess(
        "prometheus",
        [
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address={prometheus.authority}",
        ],
        folder / "prometheus.log",
        ready,
    )
    try:
        await process.start()
        yield prometheus
    finally:
        await process.end()
