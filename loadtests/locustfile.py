"""The file for `locust -f`: the scenario named by the environment variable SCENARIO, and nothing else.

`SCENARIO=callback_spike locust -f loadtests/locustfile.py --host http://…` opens Locust's web page; its options are
explained in docs/load-testing.md, and `python -m loadtests.load callback_spike` does all of it by itself.
"""

import os
import sys
from importlib import import_module

from locust import LoadTestShape, User, events

from loadtests.scenarios.catalog import UnknownScenarioError, find
from loadtests.scenarios.lifecycle import install

try:
    scenario = find(os.environ.get("SCENARIO", ""))
except UnknownScenarioError as error:
    sys.exit(f"SCENARIO: {error}")

install(events, scenario)

# Locust takes the user and shape classes it finds among this file's names.
globals().update(
    (name, item)
    for name, item in vars(import_module(f"loadtests.scenarios.{scenario.name}")).items()
    if isinstance(item, type) and issubclass(item, (User, LoadTestShape)) and not item.abstract
)
