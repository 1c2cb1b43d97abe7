"""One upstream floods, the others are served as ever (R14, the ingress side)."""

import pytest
import trio

from loadtests.fairness.intake import run

pytestmark = pytest.mark.e2e


async def test_a_flood_is_told_to_wait_and_nobody_else_is():
    with trio.fail_after(60):
        told = await run(seconds=1.0, per_second=50.0)
    assert told.refused == 0
    assert told.requests > 0
    assert told.flood["429"] > told.flood["202"] > 0
