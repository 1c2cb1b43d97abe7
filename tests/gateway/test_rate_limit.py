"""What an upstream with a rate is told."""

import pytest

from gateway.rate_limit import RefusedUpstreams, rate_headers, retry_after
from queues.upstream_rate import Charge


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


def test_who_was_refused_is_remembered_until_then():
    refused = RefusedUpstreams()
    assert refused.wait_seconds("fines", 10.0) == 0
    refused.note("fines", 2.5, 10.0)
    assert refused.wait_seconds("fines", 11.0) == 1.5
    assert refused.wait_seconds("fines", 12.5) == 0
    assert refused.wait_seconds("taxes", 11.0) == 0
