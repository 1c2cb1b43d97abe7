"""What tests of the queues share beside the store: its time."""

import pytest

from queues import scripts
from tests.queues.passing_time import StoreTime


@pytest.fixture
def store_time(monkeypatch: pytest.MonkeyPatch) -> StoreTime:
    """Have all scripts that are loaded from now on see a time that stands still."""
    time, load = StoreTime(), scripts.load
    monkeypatch.setattr(scripts, "load", lambda name: time.show(load(name)))
    return time
