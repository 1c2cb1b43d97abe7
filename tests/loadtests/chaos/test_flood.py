"""What a flood came to."""

from loadtests.chaos.faults.flood import summarize
from loadtests.ledgers import SpikeRow


def row(ended: float, latency: float = 0.1, *, acked: bool = True) -> SpikeRow:
    return SpikeRow(
        openid="o", type="text", name="", created=1, key="", msgid="1", acked=acked, answers=("200",),
        latency=latency if acked else 0, began=ended - latency, ended=ended,
    )  # fmt: skip


def test_the_goodput_is_of_those_that_came_after_the_begin():
    rows = [row(0.5)] * 100 + [row(2.5), row(3.5), row(6.0, latency=2.5)] + [row(3.1, acked=False)] * 5
    found = summarize(rows, 4)
    assert found["flood_offered"] == 27
    assert found["flood_goodput"] == 2  # three in the last two seconds, to the nearest


def test_latencies_are_of_those_acknowledged():
    found = summarize([row(2.5, 0.2), row(3.5, 0.3), row(3.6, 9.0, acked=False)], 4)
    assert found["flood_slowest_seconds"] == 0.3


def test_a_flood_of_which_nothing_came_through():
    assert set(summarize([row(3, acked=False)], 4).values()) == {0}
