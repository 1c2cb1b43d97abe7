"""What an upstream with a rate is told."""

import pytest
import trio

from gateway.http.problem import ProblemError
from gateway.pushes.rate_limit import PAUSE_SECONDS, UpstreamRates, rate_headers, retry_after
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.limits.upstream_rate import Charge


@pytest.mark.parametrize(
    ("per_second", "policy"),
    [(100, b'"pushes";q=1000;w=10'), (0.5, b'"pushes";q=5;w=10'), (0.01, b'"pushes";q=1;w=100')],
)
def test_the_policy_is_the_burst_and_how_long_it_lasts(per_second, policy):
    headers = dict(rate_headers(per_second, Charge(admitted=True, left=3, wait_seconds=0, full_seconds=2.1)))
    assert headers == {b"RateLimit-Policy": policy, b"RateLimit": b'"pushes";r=3;t=3'}


@pytest.mark.parametrize(("seconds", "header"), [(0.0, b"1"), (0.2, b"1"), (1.1, b"2"), (40, b"40")])
def test_retry_after_is_whole_seconds_and_never_none(seconds, header):
    assert retry_after(seconds) == (b"Retry-After", header)


PACED = Upstream(name="paced", key=UpstreamKey("k-paced"), per_second=1)


async def test_who_was_refused_is_refused_without_asking_until_then(autojump_clock):
    asked = []

    async def charge(upstream: str, pushes: int, per_second: float) -> Charge:
        asked.append(trio.current_time())
        return Charge(admitted=len(asked) > 1, left=0, wait_seconds=2.5, full_seconds=10)

    rates = UpstreamRates(charge)
    await rates.check(PACED)
    with pytest.raises(ProblemError, match="429 Over the rate: this upstream may enqueue 1 pushes a second"):
        await rates.charged(PACED, 1)
    await trio.sleep(2)
    with pytest.raises(ProblemError) as refusal:
        await rates.check(PACED)
    assert dict(refusal.value.response.headers)[b"Retry-After"] == b"1"
    await trio.sleep(0.6)
    await rates.check(PACED)
    assert dict(await rates.charged(PACED, 1))[b"RateLimit"] == b'"pushes";r=0;t=10'
    assert len(asked) == 2


async def test_who_does_not_wait_is_answered_late_and_who_does_at_once(autojump_clock):
    async def charge(_upstream: str, _pushes: int, _per_second: float) -> Charge:
        return Charge(admitted=False, left=0, wait_seconds=10, full_seconds=10)

    rates = UpstreamRates(charge)
    began = trio.current_time()
    with pytest.raises(ProblemError):
        await rates.charged(PACED, 1)
    assert trio.current_time() == began
    for _ in range(8):
        with pytest.raises(ProblemError):
            await rates.check(PACED)
    assert trio.current_time() - began == pytest.approx(8 * PAUSE_SECONDS)
    await trio.sleep(10)
    waited = trio.current_time()
    await rates.check(PACED)
    assert trio.current_time() == waited
