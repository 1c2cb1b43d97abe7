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


def test_a_newcomer_comes_next_and_not_after_all_that_is_there():
    queue = TurnQueue[str]()
    for item in ("f1", "f2", "f3"):
        queue.add("flood", item)
    queue.add("small", "s1")
    assert drained(queue) == ["s1", "f1", "f2", "f3"]


def test_lines_that_wait_take_turns():
    queue = TurnQueue[str]()
    for number in (1, 2):
        for line in "abc":
            queue.add(line, f"{line}{number}")
    assert drained(queue) == ["c1", "b1", "a1", "c2", "b2", "a2"]


def test_a_line_that_ran_dry_is_new_again():
    queue = TurnQueue[str]()
    queue.add("small", "s1")
    assert queue.pop() == "s1"
    queue.add("flood", "f1")
    queue.add("small", "s2")
    assert drained(queue) == ["s2", "f1"]


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
