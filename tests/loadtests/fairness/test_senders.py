"""Small senders: who they are, and what the stand is told of them."""

import tomllib

import pytest

from loadtests.fairness.senders import configuration, senders
from loadtests.platform.options import SimulatorOptions


@pytest.mark.parametrize("kind", ["upstreams", "accounts"])
def test_every_small_sender_is_configured(kind):
    text = configuration(kind, 3, SimulatorOptions(), per_second=400)
    document = tomllib.loads(text.format(platform="http://127.0.0.1:1"))
    assert [each["name"] for each in document[kind]] == ["small-0", "small-1", "small-2"]
    assert len({(sender.account, sender.key) for sender in senders(kind, 3)}) == 3
