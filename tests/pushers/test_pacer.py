"""Claims go to the senders as tokens come good, on a mock clock."""

import math
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
import trio
from msgspec.structs import replace

from pushers.job import Job
from pushers.pacer import Pacer
from pushers.passage import Passage
from pushers.room import Room
from pushers.seat_queue import LONGEST_SECONDS
from queues.limits.rate import Lease
from queues.pushes.template_rate import Seat, Seats
from tests.pushers.makers import claim, leased


class Bench:
    def __init__(self, limited: Sequence[str] = ()) -> None:
        self.submitted: list[tuple[float, Job]] = []
        self.shortages = 0
        self.passage = Passage(10)
        self.pacer = Pacer(None, self.passage, self.submit, self.short, limited=limited, most_seeking=5)  # type: ignore[arg-type]

    def submit(self, job: Job) -> None:
        self.submitted.append((trio.current_time(), job))

    def short(self) -> None:
        self.shortages += 1

    @property
    def times(self) -> list[float]:
        return [when for when, _ in self.submitted]


@pytest.fixture
async def bench(nursery) -> Bench:
    bench = Bench()
    nursery.start_soon(bench.pacer.run)
    return bench


def soon(granted: int, seconds: float = 1.0) -> Lease:
    return leased(granted, good_from=trio.current_time() + seconds)


async def test_each_claim_goes_when_its_token_comes_good(bench, autojump_clock):
    began = trio.current_time()
    bench.pacer.add(soon(3), [claim(), claim()])
    await trio.sleep(2)
    good_for = 0.015
    assert [when - began for when in bench.times] == pytest.approx([1.0, 1.01], abs=good_for)


async def test_a_send_that_was_late_costs_the_token_of_another(bench, autojump_clock):
    began = trio.current_time()
    bench.passage.late = 2
    bench.pacer.add(soon(1), [claim()])
    await trio.sleep(2)
    assert (bench.times, bench.passage.late) == ([], 1)
    bench.pacer.add(soon(2))
    await trio.sleep(2)
    assert [when - began for when in bench.times] == pytest.approx([3.01], abs=0.003)
    assert bench.passage.late == 0


async def test_claims_wait_for_tokens_that_come_later(bench, autojump_clock):
    bench.pacer.add(None, [claim()])
    await trio.sleep(1)
    assert (bench.times, bench.pacer.bare) == ([], -1)
    bench.pacer.add(soon(2, 0.0))
    assert len(bench.times) == 1
    assert bench.pacer.bare == 1


async def test_a_newcomer_gets_the_next_token_and_not_the_one_after_all_that_a_flood_has_claimed(bench, autojump_clock):
    flood, small = claim(), claim()
    small = replace(small, push=replace(small.push, upstream="small"))
    bench.pacer.add(soon(4), [flood, flood, flood])
    bench.pacer.add(None, [small])
    await trio.sleep(2)
    assert [job.claim.push.upstream for _, job in bench.submitted] == [
        "small",
        "violations",
        "violations",
        "violations",
    ]


def seated(moment: float, *, waiting: int = 0) -> dict[str, Seats]:
    """An answer with one seat, for the token that comes good then."""
    seat = Seat(token=round(moment * 1e6), good_from=moment, good_until=moment + 0.01)
    return {"T": Seats([seat], waiting, 1, 1, 1)}


async def test_a_claim_of_a_limited_template_takes_the_token_of_its_seat_before_all_others(nursery, autojump_clock):
    bench, now = Bench(limited=["T"]), trio.current_time()
    nursery.start_soon(bench.pacer.run)
    limited, usual = claim(), replace(claim(), push=replace(claim().push, body=b'{"template_id":"U"}'))
    lease = replace(soon(3), moment=now + 1)
    bench.pacer.add(lease, [limited])
    assert (bench.pacer.bare, bench.pacer.needy) == (3, True)
    bench.pacer.seats.seat(seated(now + 1.01))
    bench.pacer.add(None, [usual, usual])
    assert (bench.pacer.bare, bench.pacer.needy) == (0, False)
    await trio.sleep(2)
    assert [job.claim.push.template_id for _, job in bench.submitted] == ["U", "T", "U"]
    assert [when - now for when in bench.times] == pytest.approx([1, 1.01, 1.02], abs=0.003)
    assert bench.submitted[1][1].send_before == pytest.approx(now + 1.02)


async def test_tokens_that_neither_a_seat_nor_a_claim_will_take_are_for_other_seats(nursery, autojump_clock):
    bench, now = Bench(limited=["T"]), trio.current_time()
    other = replace(claim(), push=replace(claim().push, body=b'{"template_id":"U"}'))
    bench.pacer.add(replace(soon(4), moment=now + 1), [claim(), other])
    assert bench.pacer.bare_moments(now) == [round(1e6 * (now + each)) for each in (1.01, 1.02, 1.03)]
    bench.pacer.seats.seat(seated(now + 1.02))
    assert bench.pacer.bare_moments(now) == [round(1e6 * (now + each)) for each in (1.01, 1.03)]
    assert bench.pacer.bare_moments(now + 1.02) == [round(1e6 * (now + 1.03))], "the first ones are void by then"


async def test_what_seeks_a_seat_too_long_goes_back_without_a_token(nursery, autojump_clock):
    bench = Bench(limited=["T"])
    nursery.start_soon(bench.pacer.run)
    bench.pacer.add(None, [claim()])
    await trio.sleep(LONGEST_SECONDS + 1)
    assert [job.send_before for _, job in bench.submitted] == [-math.inf]
    assert bench.pacer.allowance.unused == -1, "a sender who puts a claim back returns a token, which this one had not"


async def test_without_a_rate_nothing_waits(bench, autojump_clock):
    bench.pacer.add(leased(5, good_from=-math.inf, good_seconds=math.inf, interval=0))
    assert bench.pacer.bare_from() == -math.inf
    bench.pacer.add(None, [claim(), claim()])
    assert len(bench.times) == 2


async def test_tokens_that_became_void_are_missed(bench, autojump_clock):
    bench.pacer.add(leased(1, good_from=trio.current_time() + 0.0001, good_seconds=0.0001), [claim()])
    await trio.sleep(1)
    assert (bench.times, bench.pacer.bare, bench.pacer.allowance.unused) == ([], -1, 1)
    assert bench.shortages == 1


async def test_what_is_released_goes_to_the_senders_as_too_late_to_send(bench, autojump_clock):
    bench.pacer.add(soon(3), [claim(), claim()])
    bench.pacer.release()
    assert [job.send_before for _, job in bench.submitted] == [-math.inf] * 2
    assert (bench.pacer.bare, bench.pacer.allowance.unused) == (0, 1), "the others come back from the senders"


async def test_with_a_room_a_claim_takes_its_place_when_its_token_comes_good(nursery, autojump_clock):
    room, submitted = Room(2, ["city"]), list[Job]()
    outlet = SimpleNamespace(account=SimpleNamespace(name="city"))
    pacer = Pacer(outlet, Passage(10), submitted.append, lambda: None, room)  # type: ignore[arg-type]
    nursery.start_soon(pacer.run)
    pacer.add(soon(3), [claim(), claim(), claim()])
    assert room.total_used == 0
    await trio.sleep(2)
    assert (len(submitted), room.total_used) == (2, 2)  # the third found no place in time
    pacer.release()
    assert (len(submitted), room.total_used) == (3, 3)
