"""An open loop of callbacks: they come at their times, whatever became of those before them."""

import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import msgspec
import trio

from loadtests.chaos.evidence import Evidence, Figure, most
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.ledgers import SpikeRow, read_rows
from loadtests.percentiles import percentile
from loadtests.stand.configuration import ACCOUNT

_SETTLING_SECONDS = 2
"""Left out of the goodput at the flood's begin: the first callbacks find everything idle."""
_SLOW_SECONDS = 0.5
"""An answer that had to queue, on a store that may itself be slow."""
_IN_FLIGHT = 6_000


def _recovered_seconds(evidence: Evidence) -> float | None:
    floods = [each.healed for each in evidence.of("flood")]
    if not floods:
        return None
    spike = evidence.rehearsed.spike
    end = max(floods) - spike.began
    late = [row.ended for row in spike.rows if row.began >= end and (row.latency > _SLOW_SECONDS or not row.acked)]
    return round(max(late) - end, 2) if late else 0.0


def _goodput_share(evidence: Evidence) -> float | None:
    floods = [each.measured for each in evidence.of("flood") if each.measured]
    best = max((flood["flood_goodput"] for flood in floods), default=0)
    if not best:
        return None
    heaviest = max(floods, key=lambda flood: flood["flood_offered"])
    return round(heaviest["flood_goodput"] / best, 3)


class Flood(Fault, frozen=True, kw_only=True, tag="flood"):
    """Offer `per_second` callbacks for some seconds with `loadtests.arrivals`, each delivered once."""

    figures: ClassVar[Mapping[str, Figure]] = {
        "flood_offered": Figure("callbacks a second that a flood offered", most("flood_offered")),
        "flood_goodput": Figure(
            "callbacks of a flood acknowledged a second, in the flood with most", most("flood_goodput")
        ),
        "flood_goodput_share": Figure(
            "those of the flood that offered most as a share of the best flood's", _goodput_share
        ),
        "flood_p99_seconds": Figure(
            "p99 of a flood's acknowledged callbacks, from when they were due", most("flood_p99_seconds")
        ),
        "flood_slowest_seconds": Figure("the slowest of them", most("flood_slowest_seconds")),
        "recovered_seconds": Figure(
            "from a flood's end to the last callback that was refused or took over half a second",
            _recovered_seconds,
        ),
    }

    per_second: Annotated[float, msgspec.Meta(gt=0)]
    seconds: Annotated[float, msgspec.Meta(gt=_SETTLING_SECONDS)]

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        platform = scene.stand.platform
        ledger = scene.stand.folder / f"flood-{chance.randrange(1 << 30)}.jsonl"
        words = {
            "url": scene.stand.callback_url,
            "token": platform.token,
            "original-id": platform.original_id,
            "rate": self.per_second,
            "seconds": self.seconds,
            "deliveries": 1,
            "in-flight": _IN_FLIGHT,
            "seed": platform.seed + 1 + chance.randrange(1_000),  # other people than the load's own
            "ledger": ledger,
        }
        command = [sys.executable, "-m", "loadtests.arrivals", *(f"--{name}={word}" for name, word in words.items())]
        happening = scene.begin("flood", f"{self.per_second:g} a second to {ACCOUNT}")
        # A void run's rows are as true as any: its own lag only makes the latencies longer than they were.
        await trio.run_process(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        happening.healed = trio.current_time()
        if not ledger.exists():
            happening.note = "the generator did not run"
            return
        rows = await trio.to_thread.run_sync(read_rows, ledger, SpikeRow)
        scene.progress.rows += rows
        happening.measured |= summarize(rows, self.seconds)


def summarize(rows: Sequence[SpikeRow], seconds: float) -> dict[str, float]:
    """The figures of a flood that lasted so long."""
    acked = [row for row in rows if row.acked]
    # By when they came: answers come a batch at a time, and a second has one of these or three.
    settled = sum(_SETTLING_SECONDS <= row.began < seconds for row in acked)
    latencies = sorted(row.latency for row in acked)
    return {
        "flood_offered": round(len(rows) / seconds),
        "flood_goodput": round(settled / (seconds - _SETTLING_SECONDS)),
        "flood_p99_seconds": round(percentile(latencies, 0.99), 3),
        "flood_slowest_seconds": round(latencies[-1], 3) if latencies else 0,
    }
