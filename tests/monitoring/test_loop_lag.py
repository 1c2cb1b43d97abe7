"""How late the loop wakes who is due."""

import trio
from prometheus_client import REGISTRY

from monitoring.loop_lag import EVERY_SECONDS, watch_loop_lag


async def test_a_loop_with_nothing_to_do_is_measured_and_on_time(nursery, autojump_clock):
    nursery.start_soon(watch_loop_lag, "test")
    await trio.sleep(4.5 * EVERY_SECONDS)
    labels = {"role": "test"}
    assert REGISTRY.get_sample_value("tidegate_loop_lag_seconds_count", labels) == 4
    assert REGISTRY.get_sample_value("tidegate_loop_lag_seconds_sum", labels) == 0
