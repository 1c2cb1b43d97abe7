"""What a neighbour costs small senders: who they are, and how their waiting is counted."""

import tomllib

import pytest

from loadtests.fairness.__main__ import Latency, configuration, latency, senders
from loadtests.platform.options import SimulatorOptions


def test_a_wait_is_from_the_plan_to_the_platform():
    planned = {f"id-{n}": 100.0 for n in range(100)}
    taken = {f"id-{n}": 100.0 + n / 100 for n in range(99)}
    assert latency(planned, taken) == Latency(pushes=100, missing=1, p50=0.49, p99=0.98, longest=0.98)


@pytest.mark.parametrize("kind", ["upstreams", "accounts"])
def test_every_small_sender_is_configured(kind):
    document = tomllib.loads(configuration(kind, 3, SimulatorOptions()).format(platform="http://127.0.0.1:1"))
    assert [each["name"] for each in document[kind]] == ["small-0", "small-1", "small-2"]
    assert len({(sender.account, sender.key) for sender in senders(kind, 3)}) == 3
