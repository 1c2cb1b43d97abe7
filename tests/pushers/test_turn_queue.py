"""What waits in a process is dealt out a turn a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushers.turn_queue import TurnQueue


def drained(queue: TurnQueue[str]) -> list[str]:
    return [queue.pop() for _ in range(len(queue))]


def test_one_line_is_first_in_first_out():
    queue = TurnQueue[str]()
    for item in "abc":
        queue.add("flood", item)
    assert drained(queue) == ["a", "b", "c"]


def test_a_newcomer_waits_for_one_of_each_line_and_not_for_all_that_is_there():
    queue = TurnQueue[str]()
    for item in ("f1", "f2", "f3"):
        queue.add("flood", item)
    queue.add("bulk", "b1")
    queue.add("small", "s1")
    assert drained(queue) == ["f1", "b1", "s1", "f2", "f3"]


def test_a_line_that_ran_dry_queues_up_anew():
    queue = TurnQueue[str]()
    queue.add("small", "s1")
    queue.add("flood", "f1")
    assert queue.pop() == "s1"
    queue.add("flood", "f2")
    queue.add("small", "s2")
    assert drained(queue) == ["f1", "s2", "f2"]


def test_an_empty_one_has_nothing_to_give():
    with pytest.raises(IndexError):
        TurnQueue[str]().pop()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())))
def test_everything_comes_out_once_and_each_line_in_its_order(items):
    queue = TurnQueue[tuple[str, int]]()
    for key, value in items:
        queue.add(key, (key, value))
    out = [queue.pop() for _ in range(len(queue))]
    assert not queue
    for key in "abc":
        assert [item for item in out if item[0] == key] == [item for item in items if item[0] == key]
