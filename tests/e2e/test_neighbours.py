"""R14, small: what floods is told to wait or waits its turn, and the others are served.

Times are not judged here, and on a starved machine the gateway may well refuse somebody for a moment (R14-requests).
"""

import msgspec
import pytest
import trio

from loadtests.chaos.runner import run_scenario
from loadtests.chaos.scenario import find, read_scenario

pytestmark = pytest.mark.e2e

SMALL = {
    "R14": {"small": 5, "seconds": 1.0, "pushes": 800, "rounds": 2},
    "R14-accounts": {"small": 5, "seconds": 1.0, "pushes": 200},
    "R14-requests": {"small": 5, "seconds": 1.0, "per_second": 50.0},
}


@pytest.mark.parametrize("name", SMALL)
async def test_nobody_is_forgotten_beside_a_neighbour(name):
    scenario = read_scenario(find(name))
    [neighbour] = scenario.faults
    small = msgspec.structs.replace(scenario, faults=(msgspec.structs.replace(neighbour, **SMALL[name]),))
    with trio.fail_after(240):
        verdict = (await run_scenario(name, small)).verdict
    unmet = {figure for figure, judged in verdict.expectations.items() if not judged.met}
    assert unmet <= {"small_p99_ratio", *(("small_missing",) if name == "R14-requests" else ())}, verdict
    assert verdict.figures["small_p99_seconds"] > 0
