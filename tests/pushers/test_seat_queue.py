"""Claims of limited templates seek seats, wait for the moments of those, and go elsewhere if they are too many."""

import math

import pytest
from msgspec.structs import replace

from pushers.seat_queue import LONGEST_SECONDS, SeatQueue
from queues.pushes.template_rate import Seat, Seats
from tests.pushers.makers import claim as any_claim


def claim(number: int, template: str = "T"):
    found = any_claim(number=number)
    return replace(found, push=replace(found.push, body=b'{"template_id":"%b"}' % template.encode()))


def seats(*moments: float, waiting: int = 0) -> Seats:
    given = [Seat(token=int(1e6 * moment), good_from=moment, good_until=moment + 1) for moment in moments]
    return Seats(given, waiting, first_seconds=10, step_seconds=2, last_seconds=13)


@pytest.fixture
def queue() -> SeatQueue:
    queue = SeatQueue(most=5)
    for number in range(4):
        queue.add(claim(number), 100.0)
    return queue


def numbers(claims):
    return [each.number for each in claims]


def test_the_first_get_the_seats_and_go_at_their_moments(queue):
    assert queue.wanted == {"T": 4}
    queue.seat({"T": seats(101, 102, waiting=4)})
    assert (queue.seated, queue.seeking, queue.tokens) == (2, 2, {101_000_000, 102_000_000})
    assert (queue.due(100.9), queue.good_from()) == (0, 101)
    assert queue.due(101.5) == 1
    first, good_until = queue.pop()
    assert (first.number, good_until) == (0, 102)
    assert queue.wanted == {"T": 2}


def test_those_that_are_too_many_are_due_one_after_another(queue):
    aside = queue.seat({"T": seats(waiting=1)})
    assert [(each.number, round(seconds)) for each, seconds in aside] == [(1, 10), (2, 12), (3, 13)]
    assert queue.wanted == {"T": 1}


def test_over_all_templates_no_more_seek_than_there_is_room_for(queue):
    for number in range(4, 8):
        queue.add(claim(number, "U"), 100.0)
    aside = queue.seat({"T": seats(waiting=9), "U": seats(waiting=9)})
    assert numbers(each for each, _ in aside) == [5, 6, 7]
    assert (queue.seeking, queue.wanted) == (5, {"T": 4, "U": 1})


def test_whose_seat_became_void_seeks_another_first(queue):
    queue.seat({"T": seats(101, waiting=4)})
    assert queue.due(102) == 0
    assert (queue.seeking, queue.good_from()) == (4, math.inf)
    queue.seat({"T": seats(103)})
    assert queue.due(103) == 1
    assert queue.pop()[0].number == 0


def test_what_has_waited_too_long_is_taken_out(queue):
    queue.add(claim(9), 101.0)
    assert queue.overdue_from() == 100 + LONGEST_SECONDS
    assert numbers(queue.overdue(100 + LONGEST_SECONDS)) == [0, 1, 2, 3]
    assert queue.wanted == {"T": 1}


def test_seats_for_what_has_left_meanwhile_are_left(queue):
    queue.overdue(1000.0)
    assert queue.seat({"T": seats(1001, waiting=3)}) == []
    assert (queue.seated, queue.seeking, queue.overdue_from()) == (0, 0, math.inf)


def test_all_can_be_taken_out(queue):
    queue.seat({"T": seats(101, waiting=4)})
    assert sorted(numbers(queue.clear())) == [0, 1, 2, 3]
    assert (queue.seated, queue.seeking) == (0, 0)
