import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.ids import IdSeries, accepted_seconds, make_id, shard_for, shard_of_id


@given(st.integers(0, 255), st.floats(0, 2**40, allow_nan=False), st.integers(0, 2**80 - 1))
def test_an_id_names_its_shard_and_its_time(shard, now, number):
    push_id = make_id(shard, now, number)
    assert shard_of_id(push_id) == shard
    assert accepted_seconds(push_id) == pytest.approx(now, abs=0.001)


def test_ids_sort_by_time_within_a_shard():
    ids = [make_id(1, now, 2**80 - now) for now in (1, 2, 10**9, 2 * 10**9)]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1-",
        "-01JABCDEFGHJKMNPQRSTVWXYZ00",
        "g-01JABCDEFGHJKMNPQRSTVWXYZ00",
        "1-01j",
        "+1-01JABCDEFGHJKMNPQRSTVWXYZ0",
        "01-01JABCDEFGHJKMNPQRSTVWXYZ0",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        shard_of_id(text)


def test_a_recipient_always_has_the_same_shard():
    assert shard_for("city", "oUSER", 4) == 1, "also in the next release: its data is there"
    assert {shard_for("city", f"oUSER{n}", 4) for n in range(100)} == {0, 1, 2, 3}


@given(st.integers(0, 255), st.integers(0, 2**20 - 1))
def test_a_series_makes_ids_like_any_other(shard, position):
    push_id = IdSeries(now=1_714_112_445.5).id(shard, position)
    assert shard_of_id(push_id) == shard
    assert accepted_seconds(push_id) == 1_714_112_445.5


def test_ids_of_a_series_differ_and_stand_in_order_and_no_two_series_are_alike():
    first, second = IdSeries(now=1.0), IdSeries(now=1.0)
    ids = [first.id(3, position) for position in range(12_000)]
    assert ids == sorted(set(ids))
    assert not {second.id(3, position) for position in range(12_000)} & set(ids)
