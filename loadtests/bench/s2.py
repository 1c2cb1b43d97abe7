"""S2: what secure mode (AES) costs: one gateway process in plaintext mode and one in secure mode, round by round."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from loadtests.bench.callback_sides import measure, our_side
from loadtests.bench.figures import medians, ratios
from loadtests.bench.prepared_requests import signed_callbacks, write_requests
from loadtests.bench.programs import end_on_sigterm
from loadtests.platform.options import SimulatorOptions

_MODES = {
    "plaintext": SimulatorOptions(),
    "secure": SimulatorOptions(mode="secure", aes_key="ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"),
}


class Report(Struct, frozen=True, kw_only=True):
    """What is printed; `ratios` are secure / plaintext."""

    bench: str = "S2"
    rounds: int
    callbacks: int
    connections: int
    sides: dict[str, dict[str, float]]
    ratios: dict[str, float]


def run(rounds: int, callbacks: int, connections: int) -> Report:
    """Start both, and measure them in turn."""
    rows: dict[str, list[dict[str, float]]] = {mode: [] for mode in _MODES}
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        sides = {mode: our_side(stack, folder, platform, mode) for mode, platform in _MODES.items()}
        requests = folder / "requests"
        for number in range(-1, rounds):  # round -1 warms both up and is not counted
            for mode, side in sides.items():
                write_requests(requests, signed_callbacks(_MODES[mode], number + 2), callbacks)
                row = measure(side, requests, connections, folder)
                if number >= 0:
                    rows[mode].append(row)
    return Report(
        rounds=rounds,
        callbacks=callbacks,
        connections=connections,
        sides={mode: medians(of) for mode, of in rows.items()},
        ratios=ratios(rows["secure"], rows["plaintext"], ("rate", "cpu")),
    )


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="of which the median is taken")] = 5,
    callbacks: Annotated[int, typer.Option(min=1, help="a mode and a round")] = 30_000,
    connections: Annotated[int, typer.Option(min=1)] = 512,
) -> None:
    """Measure, and print one JSON line."""
    end_on_sigterm()
    print(msgspec.json.encode(run(rounds, callbacks, connections)).decode())


if __name__ == "__main__":
    typer.run(main)
