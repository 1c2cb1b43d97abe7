"""Runs Locust as a process of its own, and reads what it left.

Never in ours: Locust patches the standard library when it is imported, which trio does not survive.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import trio
from msgspec import Struct

from loadtests.ledgers import CampaignRow, SpikeRow
from loadtests.scenarios.catalog import Plan
from loadtests.scenarios.ledger_folder import read_campaign, read_spike
from loadtests.scenarios.measured import RESULT_FILE, Measured
from loadtests.scenarios.options import LoadOptions
from loadtests.stand.ports import free_port

ROOT = Path(__file__).parent.parent.parent
LOCUSTFILE = Path("loadtests") / "locustfile.py"
STOP_SECONDS = 20
"""For users to end what they began: three deliveries of five seconds, and their pauses."""

GRACE_SECONDS = 60.0
"""On top of the curve's length and the stop: starting Locust, connecting its workers, writing the report."""

_TAIL = 2_000


class LocustFailedError(Exception):
    """Locust did not run to its end; says the last it wrote."""


class LocustRun(Struct, frozen=True):
    """One finished run."""

    measured: Measured
    spike: list[SpikeRow]
    campaign: list[CampaignRow]

    @property
    def acked(self) -> int:
        return sum(row.acked for row in self.spike) + sum(row.acked for row in self.campaign)


async def run_locust(
    plan: Plan, options: LoadOptions, host: str, *, folder: Path, processes: int = 1, html: Path | None = None
) -> LocustRun:
    """Run the plan against `host`; ledgers, result and log go to `folder`.

    Raises:
        LocustFailedError: it ended early, or not at all.
    """
    options = msgspec.structs.replace(options, ledger=str(folder))
    environment = {**os.environ, **options.environ(), "SCENARIO": plan.scenario.name}
    command = locust_command(host, processes=processes, html=html)
    log = folder / "locust.log"
    status: int | None = None
    with log.open("wb") as output, trio.move_on_after(plan.seconds + STOP_SECONDS + GRACE_SECONDS):
        ended = await trio.run_process(
            command, stdout=output, stderr=subprocess.STDOUT, check=False, cwd=ROOT, env=environment
        )
        status = ended.returncode
    result = folder / RESULT_FILE
    if status != 0 or not result.exists():
        how = "did not end in time" if status is None else f"ended with status {status}"
        raise LocustFailedError(f"Locust {how}: {log.read_text(errors='replace')[-_TAIL:].strip()}")
    return LocustRun(msgspec.json.decode(result.read_bytes(), type=Measured), read_spike(folder), read_campaign(folder))


def locust_command(host: str, *, processes: int, html: Path | None) -> list[str]:
    """Locust's own command line. Failed requests are the result, not an error of the run."""
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--host", host]
    command += ["--stop-timeout", str(STOP_SECONDS), "--exit-code-on-error", "0", "--only-summary"]
    if html is not None:
        command += ["--html", str(html.absolute())]
    if processes > 1:
        port = str(free_port())  # two runs on one machine must not share Locust's fixed one
        command += ["--processes", str(processes), "--master-bind-port", port, "--master-port", port]
    return command
