"""R12: what a refusal costs beside an acceptance: one gateway process is sent good callbacks and hostile ones."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.callback_sides import Side, measure, our_side, send_burst
from loadtests.bench.cpu_account import cpu_seconds
from loadtests.bench.figures import medians, ratios
from loadtests.bench.prepared_requests import signed_callbacks, write_requests
from loadtests.bench.programs import ProgramError, end_on_sigterm
from loadtests.generators.hostile import HostileRequests
from loadtests.http_client import parse_target
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.configuration import ACCOUNT

_MICRO = 1_000_000
_CLOSING = frozenset(("no HTTP", "smuggled", "oversized"))
"""Kinds after which the connection is closed: each would be measured with a connection of its own."""
_HOSTILE = {"forged": ("forged",), "replayed": ("replayed",), "every kind": ()}


class Report(Struct, frozen=True, kw_only=True):
    """What is printed. CPU in µs a request, gateway and store; `ratios` are hostile / accepted, round by round."""

    bench: str = "R12"
    rounds: int
    requests: int
    connections: int
    sides: dict[str, dict[str, float]]
    ratios: dict[str, dict[str, float]]


def run(rounds: int, requests: int, connections: int) -> Report:
    """Start a gateway, and measure it with one after the other."""
    platform = SimulatorOptions()
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in ("accepted", *_HOSTILE)}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        side = our_side(stack, folder, platform)
        file = folder / "requests"
        for number in range(-1, rounds):  # round -1 warms it up and is not counted
            write_requests(file, signed_callbacks(platform, number + 2), requests)
            found = {"accepted": measure(side, file, connections, folder)}
            for kind, only in _HOSTILE.items():
                write_requests(file, _hostile(platform, number + 2, only), requests)
                found[kind] = _measure_refusals(side, file, connections, folder)
            if number >= 0:
                for kind, row in found.items():
                    rows[kind].append({figure: row[figure] for figure in ("rate", "cpu")})
    return Report(
        rounds=rounds,
        requests=requests,
        connections=connections,
        sides={name: medians(of) for name, of in rows.items()},
        ratios={kind: ratios(rows[kind], rows["accepted"], ("rate", "cpu")) for kind in _HOSTILE},
    )


def _hostile(platform: SimulatorOptions, seed: int, only: tuple[str, ...]) -> Iterator[bytes]:
    made = HostileRequests(platform.account, parse_target(f"http://localhost/callback/{ACCOUNT}"), seed, time.time)
    kept = (request for request in made if request.kind not in _CLOSING and (not only or request.kind in only))
    return (request.data for request in kept)


def _measure_refusals(side: Side, requests: Path, connections: int, folder: Path) -> dict[str, float]:
    """One burst of which nothing may be accepted. Raises ProgramError if anything was."""
    before = cpu_seconds(side.pid) + cpu_seconds(side.store.pid)
    result = send_burst(requests, side.port, connections, folder)
    used = cpu_seconds(side.pid) + cpu_seconds(side.store.pid) - before
    if result.acked or result.lost:
        raise ProgramError(f"{side.name}: {result.acked} accepted, {result.lost} lost")
    return {"rate": result.refused / result.seconds, "cpu": used / result.refused * _MICRO}


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 5,
    requests: Annotated[int, typer.Option(min=1, help="of a kind and a round")] = 20_000,
    connections: Annotated[int, typer.Option(min=1)] = 64,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(rounds, requests, connections)).decode())


if __name__ == "__main__":
    typer.run(main)
