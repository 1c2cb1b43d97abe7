"""docs/simulator.md names every call, every option and every control that there is, and no other."""

import re
from pathlib import Path

from loadtests.platform.app import Platform
from loadtests.platform.control import Control
from loadtests.platform.ledger import Ledger
from loadtests.platform.official.routes import OFFICIAL_ROUTES
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.platform.wecom.routes import WECOM_ROUTES

TEXT = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text()


def first_cells(heading):
    """The first cells of the table under a heading."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")][2:]


def calls(heading):
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(/cgi-bin/\S+)` \| `(\w+)` \|", section, re.MULTILINE))


def test_every_call_is_listed_with_its_api():
    assert calls("Calls of an official account") == {(route.path, route.api) for route in OFFICIAL_ROUTES}
    assert calls("Calls of a WeCom application") == {(route.path, route.api) for route in WECOM_ROUTES}


def test_every_option_is_listed():
    named = {name for cell in first_cells("Options") for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(SimulatorOptions.__struct_fields__)
    assert set(AccountOptions.__struct_fields__) <= named


def test_every_control_is_listed():
    options = SimulatorOptions()
    clock = lambda: 0.0  # noqa: E731 - time does not matter here
    ledger = Ledger(1)
    platform = Platform(options, ledger, emit=lambda *_: None, wall=clock, monotonic=clock)
    control = Control(platform, {}, ledger, wall=clock, monotonic=clock)
    listed = set(re.findall(r"^\| `(GET|POST) /_sim/([\w/]*)`", TEXT, re.MULTILINE))
    there = {("GET", name.decode()) for name in control.looks} | {("POST", name.decode()) for name in control.orders}
    assert listed == there
