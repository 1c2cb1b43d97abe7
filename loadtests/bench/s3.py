"""S3: the burst: 75,000 callbacks over 2,000 connections against a server that was just started.

A round is a fresh server with an empty store for each side. A tenth of the requests are the platform's repeats of
others. Ours is audited by identity afterwards: every event that was sent stands in the store once.
"""

import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import msgpack
import msgspec
import typer
from msgspec import Struct

from loadtests.bench.callback_sides import OURS, PEERS, SLOW, Side, our_side, peer_sides, send_burst
from loadtests.bench.figures import medians
from loadtests.bench.prepared_requests import read_requests, signed_callbacks, write_requests
from loadtests.bench.programs import ProgramError, end_on_sigterm
from loadtests.platform.options import SimulatorOptions

_REPEATED = 0.1
_BODY = 10  # its place in an entry of the event stream (ARCHITECTURE.md)


class Report(Struct, frozen=True, kw_only=True):
    """What is printed, medians over the rounds.

    `failed` are refused, cut off, or answered after the platform's five seconds; `lost` and `twice` are what the audit
    found of ours, in all rounds together.
    """

    bench: str = "S3"
    rounds: int
    callbacks: int
    connections: int
    sides: dict[str, dict[str, float]]
    lost: int
    twice: int
    skipped: dict[str, str]


def run(rounds: int, callbacks: int, connections: int, peers: list[str]) -> Report:
    """Measure each side in turn, each time from a cold start."""
    skipped: dict[str, str] = {}
    rows: dict[str, list[dict[str, float]]] = {}
    lost = twice = 0
    for number in range(rounds):
        for name in (OURS, *peers):
            row, missing, repeated = _round(name, number, callbacks, connections, skipped)
            if row:
                rows.setdefault(name, []).append(row)
            lost, twice = lost + missing, twice + repeated
    return Report(
        rounds=rounds,
        callbacks=callbacks,
        connections=connections,
        sides={name: medians(of) for name, of in rows.items()},
        lost=lost,
        twice=twice,
        skipped=skipped,
    )


def _round(
    name: str, seed: int, callbacks: int, connections: int, skipped: dict[str, str]
) -> tuple[dict[str, float], int, int]:
    """One burst against one side: its figures (empty if it is skipped), and events lost and appended twice."""
    platform = SimulatorOptions()
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        ours = name == OURS
        sides = [our_side(stack, folder, platform)] if ours else peer_sides(stack, folder, platform, [name], skipped)
        side = next(iter(sides), None)
        if side is None:
            return {}, 0, 0
        requests = folder / "requests"
        write_requests(requests, signed_callbacks(platform, seed, repeated=_REPEATED), callbacks // SLOW.get(name, 1))
        burst = send_burst(requests, side.port, connections, folder)
        row = {
            "rate": burst.acked / burst.seconds,
            "seconds": burst.seconds,
            "failed": burst.refused + burst.lost + burst.late,
            "p50_ms": burst.p50_ms,
            "p99_ms": burst.p99_ms,
            "slowest_ms": burst.slowest_ms,
        }
        return row, *(_audit(side, requests) if ours and not burst.lost else (0, 0))


def _audit(side: Side, requests: Path) -> tuple[int, int]:
    """How many of the events that were sent do not stand in the store, and how many stand there more than once."""
    sent = {request.partition(b"\r\n\r\n")[2] for request in read_requests(requests)}
    stored = Counter(_body(entry) for entry in _entries(side.store.client))
    strangers = stored.keys() - sent
    if strangers:
        raise ProgramError(f"{len(strangers)} events in the store that nobody sent")
    return len(sent - stored.keys()), sum(count - 1 for count in stored.values())


def _entries(client: Any) -> list[bytes]:
    return [fields[b"e"] for key in client.scan_iter("*:events") for _, fields in client.xrange(key)]


def _body(entry: bytes) -> bytes:
    body: bytes = msgpack.unpackb(entry)[_BODY]
    return body


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 5,
    callbacks: Annotated[int, typer.Option(min=1, help="a side and a round")] = 75_000,
    connections: Annotated[int, typer.Option(min=1)] = 2_000,
    peer: Annotated[list[str] | None, typer.Option(help="nginx-lua, fastify, fastapi; all if none is named")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="no peers")] = False,
) -> None:
    """Measure, and print one JSON line; exit 1 if anything of ours failed, was lost or came twice."""
    end_on_sigterm()
    report = run(rounds, callbacks, connections, [] if alone else peer or list(PEERS))
    print(msgspec.json.encode(report).decode())
    raise typer.Exit(int(report.sides[OURS]["failed"] > 0 or report.lost > 0 or report.twice > 0))


if __name__ == "__main__":
    typer.run(main)
