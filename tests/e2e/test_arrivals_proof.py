"""The open loop shows a stall of the gateway that a closed loop has no samples of."""

import pytest

from loadtests.arrivals.proof import ProofOptions, prove

pytestmark = pytest.mark.e2e


async def test_a_stall_of_1_4_s_shows_in_the_open_loops_p99():
    # The generator's rate is small enough for any machine: what is proven is a share of it.
    proof = await prove(ProofOptions(rate=300, seconds=5, stall=1.4))
    assert proof.report.arrivals == 1500
    assert proof.open_loop.p99 >= 1000
    # Half of the stall's arrivals waited for half of it; no closed loop of eight can have that many.
    assert proof.open_stalled >= 0.9 * 300 * 1.4 / 2
    assert proof.closed_loop.max >= 1000
