"""Batches of outcomes, on a mock clock and a scripted store."""

import random

import pytest
import trio

from pushers.job import Finished
from pushers.readiness import Readiness
from pushers.settler import BATCH, Settler
from pushers.verdict import Verdict
from queues.errors import StoreUnavailableError
from tests.pushers.makers import claim
from tests.queues.makers import FEED, outcome


class ScriptedSettle:
    """Stands for queues.pushes.settler.settle: fails `failures` times, then answers."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.failures = 0
        self.state = "sent"

    async def __call__(self, _store: object, outcomes: list[object], _retain: float) -> list[str]:
        await trio.sleep(0.1)
        if self.failures:
            self.failures -= 1
            raise StoreUnavailableError("away")
        self.batches.append(len(outcomes))
        return [self.state] * len(outcomes)


@pytest.fixture
def settle(monkeypatch) -> ScriptedSettle:
    scripted = ScriptedSettle()
    monkeypatch.setattr("pushers.settler.settle", scripted)
    return scripted


def finished(kind: str = "sent") -> Finished:
    return Finished(outcome(claim(), kind), Verdict(kind="sent", errcode=0))  # type: ignore[arg-type]


async def run(count: int, readiness: Readiness, kind: str = "sent") -> None:
    settler = Settler(None, readiness, random.Random(1), claim_seconds=10, retain_seconds=60)  # type: ignore[arg-type]
    send, receive = trio.open_memory_channel[Finished](1_000)
    for _ in range(count):
        send.send_nowait(finished(kind))
    send.close()
    await settler.run(receive)


async def test_what_has_accumulated_is_settled_together(settle, autojump_clock):
    await run(600, Readiness([FEED]))
    assert settle.batches == [BATCH, BATCH, 600 - 2 * BATCH]


async def test_a_store_that_comes_back_gets_every_outcome(settle, autojump_clock):
    settle.failures = 3
    await run(5, Readiness([FEED]))
    assert settle.batches == [5]


async def test_outcomes_are_given_up_once_their_claims_are_surely_lost(settle, autojump_clock):
    settle.failures = 1_000
    await run(5, Readiness([FEED]))
    assert settle.batches == []
    assert trio.current_time() <= 11


async def test_what_was_released_is_work_again(settle, autojump_clock):
    settle.state = "queued"
    readiness = Readiness([FEED])
    await run(1, readiness, "release")
    assert list(readiness.ready(FEED)) == [1]
