"""What a flood came to."""

from loadtests.chaos.faults.flood import summarize
from loadtests.ledgers import SpikeRow


def row(ended: float, latency: float = 0.1, *, acked: bool = True) -> SpikeRow:
    return SpikeRow(
        openid="o", type="text", name="", created=1, key="", msgid="1", acked=acked, answers=("200",),
        latency=latency if acked else 0, began=ended - latency, ended=ended,
    )  # fmt: skip


def test_the_goodput_is_held_against_its_own_best():
    rows = [row(second + 0.5) for second in (2, 3, 3, 3, 4, 4)] + [row(3.1, acked=False)] * 4
    found = summarize(rows, 5)
    assert found["flood_offered"] == 2
    assert found["flood_goodput"] == 3
    assert found["flood_goodput_share"] == 0.667


def test_the_begin_does_not_count_and_latencies_are_of_those_acknowledged():
    rows = [row(0.5)] * 100 + [row(2.5, 0.2), row(3.5, 0.3), row(3.6, 9.0, acked=False)]
    found = summarize(rows, 4)
    assert found["flood_goodput"] == 1
    assert found["flood_slowest_seconds"] == 0.3


def test_a_flood_of_which_nothing_came_through():
    assert set(summarize([row(3, acked=False)], 4).values()) == {0}
