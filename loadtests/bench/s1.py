"""S1: callbacks through one gateway process beside nginx + Lua, Fastify and FastAPI, round by round."""

import itertools
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.callback_sides import OURS, PEERS, SLOW, measure, our_side, peer_sides
from loadtests.bench.figures import medians, ratios
from loadtests.bench.prepared_requests import signed_callbacks, write_requests
from loadtests.bench.programs import end_on_sigterm
from loadtests.platform.options import SimulatorOptions


class Level(Struct, frozen=True):
    """The medians at one number of connections, and ours / the peer's round by round."""

    connections: int
    sides: dict[str, dict[str, float]]
    ratios: dict[str, dict[str, float]]


class Report(Struct, frozen=True, kw_only=True):
    """What is printed. Rates in callbacks a second, CPU in µs a callback, shares of the second core."""

    bench: str = "S1"
    rounds: int
    callbacks: int
    levels: list[Level]
    skipped: dict[str, str]


def run(rounds: int, callbacks: int, levels: list[int], peers: list[str]) -> Report:
    """Start all sides, and measure them in turn."""
    platform = SimulatorOptions()
    skipped: dict[str, str] = {}
    rows: dict[tuple[int, str], list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        sides = [our_side(stack, folder, platform), *peer_sides(stack, folder, platform, peers, skipped)]
        seeds = itertools.count(1)
        for number, connections in itertools.product(range(-1, rounds), levels):
            # Round -1 warms every side up and is not counted.
            count = callbacks if number >= 0 else min(callbacks, 2_000)
            share = {side.name: max(1, count // SLOW.get(side.name, 1)) for side in sides}
            files = _write(folder, platform, next(seeds), set(share.values()))
            for side in sides:
                row = measure(side, files[share[side.name]], connections, folder)
                if number >= 0:
                    rows.setdefault((connections, side.name), []).append(row)
    return Report(rounds=rounds, callbacks=callbacks, levels=[_level(each, rows) for each in levels], skipped=skipped)


def _write(folder: Path, platform: SimulatorOptions, seed: int, counts: set[int]) -> dict[int, Path]:
    """A file of requests for each count; sides with the same count are sent the same bytes."""
    files = {count: folder / f"requests-{count}" for count in counts}
    for count, path in files.items():
        write_requests(path, signed_callbacks(platform, seed), count)
    return files


def _level(connections: int, rows: dict[tuple[int, str], list[dict[str, float]]]) -> Level:
    sides = {name: of for (level, name), of in rows.items() if level == connections}
    return Level(
        connections,
        {name: medians(of) for name, of in sides.items()},
        {name: ratios(sides[OURS], of, ("rate", "cpu")) for name, of in sides.items() if name != OURS},
    )


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 5,
    callbacks: Annotated[int, typer.Option(min=1, help="a side, a round and a level")] = 30_000,
    connections: Annotated[list[int] | None, typer.Option(help="levels")] = None,
    peer: Annotated[list[str] | None, typer.Option(help="nginx-lua, fastify, fastapi; all if none is named")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="no peers")] = False,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    report = run(rounds, callbacks, connections or [64, 512], [] if alone else peer or list(PEERS))
    print(msgspec.json.encode(report).decode())


if __name__ == "__main__":
    typer.run(main)
