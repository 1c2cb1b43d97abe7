"""What scripts and Python each say for themselves is the same."""

import re

from queues import scripts
from queues.keys import WAKE_CHANNEL
from queues.readings.drain import WEIGHTS


def test_the_shares_of_the_priorities():
    [table] = re.findall(r"local WEIGHTS = \{(.*)\}", scripts.load("take").source)
    assert {name: float(weight) for name, weight in re.findall(r"(\w+) = (\d+)", table)} == WEIGHTS


def test_the_channel_that_wakes():
    assert re.findall(r"local WAKE_CHANNEL = '(.*)'", scripts.load("cancel").source) == [WAKE_CHANNEL]


def test_a_script_has_each_fragment_once_and_before_what_uses_it():
    source = scripts.load("settle").source
    defined = [source.index(f"local function {name}(") for name in ("finish", "finish_by_receipt", "settle")]
    assert defined == sorted(defined)
    assert source.count("local function finish(") == 1
