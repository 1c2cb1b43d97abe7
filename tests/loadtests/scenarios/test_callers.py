"""How Locust's users behave towards a gateway that does not: against one of a few lines, in this process."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from loadtests.load.locust_run import LocustFailedError, run_locust
from loadtests.platform.http_server import Reply
from loadtests.scenarios.catalog import find
from loadtests.scenarios.options import LoadOptions

pytestmark = pytest.mark.e2e

OPTIONS = LoadOptions(
    scale=0.001, seconds=2, peak_users=4, account="a", token="token1", original_id="gh_1", repeat_share=0
)


async def run(address, scenario, folder, **changes):
    options = msgspec.structs.replace(OPTIONS, **changes)
    return await run_locust(options.plan(find(scenario)), options, address, folder=Path(folder))


async def test_a_callback_that_was_shed_or_lost_is_delivered_again_as_it_was(serving, tmp_path):
    bodies = Counter()

    def gateway(request):
        bodies[request.body] += 1
        match bodies[request.body]:
            case 1:
                return Reply(status=503)
            case 2:
                return Reply(how="close")
            case _:
                return Reply(body=b"success")

    async with serving(gateway) as address:
        ended = await run(address, "callback_spike", tmp_path, late=0.1)
    arrivals = len(ended.spike)
    assert arrivals == len(bodies) == ended.measured.began > 0
    assert {row.answers for row in ended.spike} == {("503", "lost", "200")}
    assert ended.acked == arrivals
    outcomes = Counter(ended.measured.outcomes)
    assert (outcomes["shed"], outcomes["retried"], outcomes["given_up"]) == (arrivals, 2 * arrivals, 0)
    assert outcomes["acked_late"] == arrivals, "the pause after a lost connection makes each of them late"
    assert (ended.measured.requests, ended.measured.failures) == (3 * arrivals, 2 * arrivals)


async def test_the_platform_asks_three_times_and_takes_no_quoted_success(serving, tmp_path):
    async with serving(lambda _: Reply(body=b'"success"')) as address:
        ended = await run(address, "subscription_wave", tmp_path)
    assert {row.answers for row in ended.spike} == {("invalid",) * 3}
    assert ended.acked == 0
    assert ended.measured.outcomes["given_up"] == len(ended.spike)


async def test_an_upstream_sends_a_shed_request_again_with_the_same_keys(serving, tmp_path):
    bodies = Counter()

    def gateway(request):
        bodies[request.body] += 1
        if bodies[request.body] == 1:
            return Reply(status=429)
        pushes = msgspec.json.decode(request.body)["pushes"]
        results = [{"id": f"0-{push['idempotency_key']}", "status": "queued"} for push in pushes]
        return Reply(status=202, body=msgspec.json.encode({"results": results}), content_type=b"application/json")

    async with serving(gateway) as address:
        ended = await run(address, "upstream_enqueue", tmp_path, upstream_key="k")
    assert ended.measured.began == len(bodies) > 0
    assert set(bodies.values()) == {2}
    assert ended.acked == len(ended.campaign) == len({row.id for row in ended.campaign})
    assert ended.measured.outcomes["shed"] == ended.measured.outcomes["retried"] == len(bodies)


async def test_a_refused_upstream_does_not_ask_again(serving, tmp_path):
    async with serving(lambda _: Reply(status=401)) as address:
        ended = await run(address, "upstream_enqueue", tmp_path, upstream_key="wrong")
    assert {row.status for row in ended.campaign} == {"unanswered"}
    assert ended.measured.outcomes["given_up"] == ended.measured.requests == ended.measured.failures


async def test_a_locust_that_ends_early_says_why(tmp_path):
    with pytest.raises(LocustFailedError, match="EncodingAESKey"):
        await run("http://127.0.0.1:1", "callback_spike", tmp_path, mode="secure", aes_key="short")
