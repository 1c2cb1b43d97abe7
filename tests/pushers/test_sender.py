"""One sender task: what it sends, and what it must not send."""

import math
import random

import pytest
import trio
from msgspec.structs import replace
from structlog.testing import capture_logs

from pushers.channels.registry import CHANNELS
from pushers.channels.template import TEMPLATE
from pushers.concluder import Concluder
from pushers.job import Finished, Job
from pushers.lanes.lane import Lane
from pushers.outcomes.retry_policy import RetryPolicy
from pushers.outlet import Outlet
from pushers.pictures import Courier
from pushers.restraints.window_keeper import WindowKeeper
from pushers.room import Room
from pushers.sender import FAULT_SECONDS, Sender
from queues.account import Account
from queues.limits.rate import ON_THE_WAY_SECONDS
from queues.push import Claim, Push
from tests.pushers.fake_platform import FakePlatform
from tests.pushers.makers import claim


class Tokens:
    """Stands for a token source."""

    def __init__(self, token: str = "token-1") -> None:
        self.token = token
        self.failed: list[str] = []

    def fail(self, token: str) -> None:
        self.failed.append(token)


FORGETFUL = replace(TEMPLATE, api="forgetful", repeat_safe_seconds=0.0)  # its platform knows no repeats


def _fail(push: Push) -> bytes:
    return bytes(len(push.recipient) // 0)


FAULTY = replace(TEMPLATE, api="faulty", body=_fail)


class Bench:
    def __init__(self, platform: FakePlatform) -> None:
        self.platform = platform
        self.tokens = Tokens()
        self.use(Account(name="city", app_id="wx1", api_base=platform.base))
        self.room = Room(10, ["city"])

    def use(self, account: Account) -> None:
        self.outlet = Outlet(account, None, self.tokens, 10)  # type: ignore[arg-type]

    async def send(self, sent: Claim, *, send_before: float = math.inf) -> Finished:
        results, finished = trio.open_memory_channel[Finished](1)
        sender = Sender(
            windows=WindowKeeper(None),  # type: ignore[arg-type]
            courier=Courier(None, None),  # type: ignore[arg-type]
            channels={**CHANNELS, "forgetful": FORGETFUL, "faulty": FAULTY},
            concluder=Concluder(RetryPolicy(8, random.Random(1))),
            room=self.room,
            finished=results,
            send_seconds=5.0,
        )
        self.room.reserve("city", 1)
        jobs = [Job(sent, self.outlet, self.outlet.passage(sent.push.channel), send_before), None]

        async def next_job() -> Job | None:
            return jobs.pop(0)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(sender.watch)
            await sender.serve(next_job)
            nursery.cancel_scope.cancel()
        assert self.room.total_used == 0
        return finished.receive_nowait()


@pytest.fixture
async def bench(nursery) -> Bench:
    platform = FakePlatform()
    await nursery.start(platform.serve)
    return Bench(platform)


async def test_an_accepted_push_is_sent(bench):
    finished = await bench.send(claim())
    assert (finished.outcome.kind, finished.outcome.msgid) == ("sent", "3557254367693750001")


async def test_a_push_that_meets_a_fault_of_ours_costs_an_attempt_and_nothing_is_told_of_it(bench):
    with capture_logs() as logs:
        finished = await bench.send(claim(channel="faulty"))
    assert finished.outcome.kind == "retry"
    assert finished.outcome.delay_seconds >= FAULT_SECONDS
    assert finished.outcome.error == "could not be sent: ZeroDivisionError"
    [line] = logs
    assert (line["push_id"], line["error"]) == (finished.outcome.claim.push.id, "ZeroDivisionError")
    assert line["at"].startswith("test_sender.py:")
    assert finished.outcome.claim.push.recipient not in str(line)


async def test_a_claim_past_its_time_is_released_and_its_token_given_back(bench):
    finished = await bench.send(claim(until=trio.current_time() + 4.9))
    assert (finished.outcome.kind, finished.verdict) == ("release", None)
    assert (bench.outlet.passage("template").unused, bench.outlet.passage("template").ordinary) == (1, -1)
    assert bench.platform.sends == []


async def test_a_slice_of_the_rate_that_has_run_out_is_not_used(bench):
    finished = await bench.send(claim(), send_before=trio.current_time() - 0.001)
    assert finished.outcome.kind == "release"
    assert bench.platform.sends == []


@pytest.mark.parametrize(("held_up", "late"), [(0.0, 0), (ON_THE_WAY_SECONDS, 0), (0.05, 1)])
async def test_a_send_that_was_held_up_at_the_last_moment_is_counted_as_late(
    held_up, late, bench, monkeypatch, autojump_clock
):
    write = Lane.write

    async def held_up_and_written(*arguments: object) -> None:
        await trio.sleep(held_up)
        await write(*arguments)

    monkeypatch.setattr(Lane, "write", held_up_and_written)
    assert (await bench.send(claim(), send_before=trio.current_time())).outcome.kind == "sent"
    assert bench.outlet.passage("template").late == late


async def test_without_a_token_nothing_is_sent(bench):
    bench.tokens.token = ""
    assert (await bench.send(claim())).outcome.kind == "release"
    assert bench.platform.sends == []


async def test_a_refused_token_is_reported_and_the_push_sent_again_later(bench):
    bench.platform.token_number = 2
    finished = await bench.send(claim())
    assert finished.outcome.kind == "retry"
    assert bench.tokens.failed == ["token-1"]


async def test_a_channel_that_does_not_exist_is_dead(bench):
    finished = await bench.send(claim(channel="telex"))
    assert (finished.outcome.kind, finished.outcome.error) == ("dead", "no such channel: telex")


async def test_silence_is_an_unknown_outcome_within_the_time_a_send_may_take(bench, autojump_clock):
    bench.platform.gate = trio.Event()
    finished = await bench.send(claim())
    assert finished.outcome.kind == "retry"
    assert finished.outcome.error.startswith("ReadTimeout: ")
    assert trio.current_time() <= 5.0


async def test_a_connection_that_is_refused_has_sent_nothing(bench):
    bench.use(Account(name="city", app_id="wx1", api_base="http://127.0.0.1:9", unknown_outcome="at_most_once"))
    finished = await bench.send(claim(channel="forgetful"))
    assert (finished.outcome.kind, finished.outcome.safe_seconds) == ("retry", None)


@pytest.mark.parametrize(
    ("channel", "unknown_outcome", "safe_seconds"),
    [
        ("forgetful", "at_least_once", None),
        ("template", "at_least_once", None),
        ("forgetful", "at_most_once", 0.0),
        ("template", "at_most_once", 570.0),
    ],
)
async def test_an_unknown_outcome_is_repeated_as_far_as_channel_and_account_allow(
    bench, autojump_clock, channel, unknown_outcome, safe_seconds
):
    bench.platform.gate = trio.Event()
    bench.use(Account(name="city", app_id="wx1", api_base=bench.platform.base, unknown_outcome=unknown_outcome))
    finished = await bench.send(claim(channel=channel))
    assert (finished.outcome.kind, finished.outcome.safe_seconds) == ("retry", safe_seconds)


async def test_an_answer_that_says_why_is_no_unknown_outcome(bench):
    bench.use(Account(name="city", app_id="wx1", api_base=bench.platform.base, unknown_outcome="at_most_once"))
    bench.platform.answer_send = lambda _body, _attempt: {"errcode": -1, "errmsg": "system busy"}
    assert (await bench.send(claim())).outcome.safe_seconds is None
