"""Scenario files: every one that ships can be read, and a mistake in one is named."""

from pathlib import Path
from typing import get_args

import pytest

from loadtests.chaos.faults.kinds import AnyFault
from loadtests.chaos.faults.signals import Freeze, Kill
from loadtests.chaos.moment import Moment
from loadtests.chaos.programs import PROGRAMS, run_program
from loadtests.chaos.scenario import ScenarioError, find, names, read_scenario

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "chaos.md").read_text()


@pytest.fixture
def read(tmp_path: Path):
    def read(text: str):
        file = tmp_path / "try.toml"
        file.write_text(f'proves = "something"\n{text}')
        return read_scenario(file)

    return read


@pytest.mark.parametrize("name", names())
def test_every_scenario_can_be_read_and_makes_a_plan(name):
    scenario = read_scenario(find(name))
    assert scenario.proves
    assert scenario.plan(seed=3, scale=0.5).load.callbacks == round(scenario.load.callbacks * 0.5)


@pytest.mark.parametrize("number", range(1, 19))
def test_each_reliability_goal_is_run_by_its_number(number):
    assert any(name.partition("-")[0] == f"R{number}" for name in (*names(), *PROGRAMS))


@pytest.mark.e2e
def test_a_program_ends_as_its_own_does(monkeypatch):
    monkeypatch.setitem(PROGRAMS, "R99", ("loadtests.chaos", "R98"))
    assert run_program("R99") == 2


@pytest.mark.parametrize("tag", [kind.__struct_config__.tag for kind in get_args(AnyFault)])
def test_each_kind_of_fault_is_in_the_docs(tag):
    assert f"\n| `{tag}` | " in DOCS


@pytest.mark.parametrize("name", [*names(), *PROGRAMS])
def test_each_is_in_the_docs(name):
    assert f"| `{name}`" in DOCS or f", `{name}` |" in DOCS


def test_a_fault_is_a_table_with_its_kind_and_its_moment(read):
    scenario = read('[[faults]]\nfault = "kill"\ntarget = ["gateway", "pusher"]\nat = "5%"\nevery = 0.25\n')
    [fault] = scenario.faults
    assert isinstance(fault, Kill)
    assert (fault.target, fault.moment, fault.every) == (("gateway", "pusher"), Moment(share=0.05), 0.25)


def test_a_moment_may_be_seconds(read):
    [fault] = read('[[faults]]\nfault = "freeze"\ntarget = "store"\nseconds = 3\nat = 2\n').faults
    assert isinstance(fault, Freeze)
    assert fault.moment == Moment(seconds=2)


def test_seed_and_platform_go_into_the_plan(read):
    plan = read("[platform]\nlatency_ms = 7\n").plan(seed=9, scale=1)
    assert (plan.platform.seed, plan.platform.latency_ms, plan.platform.mute_failures) == (9, 7, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[load]\ncalbacks = 3", "load.calbacks: unknown field; did you mean callbacks?"),
        ("lod = 3", "lod: unknown field; did you mean load?"),
        ('[stand]\nstore = "extrnal"', "stand.store: 'extrnal' is not possible here; did you mean external?"),
        ('[stand]\nproxied = ["stor"]', "stand.proxied[0]: 'stor' is not possible here; did you mean store?"),
        ('[stand]\nproxied = ["store"]', 'stand: `proxied` may name the store only if `store` is "external"'),
        ("[platform]\nlatncy_ms = 3", "platform.latncy_ms: unknown field; did you mean latency_ms?"),
        ('[[faults]]\nfault = "kil"', "faults[0].fault: 'kil' is not possible here; did you mean kill?"),
        ('[[faults]]\nfault = "kill"\ntargt = "store"', "faults[0].targt: unknown field; did you mean target?"),
        ('[[faults]]\nfault = "kill"\ntarget = "stor"', "faults[0].target: 'stor' is not possible here; did you mean"),
        ('[[faults]]\nfault = "kill"\ntarget = "store"\nat = "5"', "faults[0]: `at` is seconds, or a share of the"),
        ('[[faults]]\nfault = "kill"\ntarget = "store"\nat = -1', "faults[0]: `at` is not before the load begins"),
        ('[[faults]]\nfault = "kill"\ntarget = "store"\ntimes = 2', "faults[0]: `every` must be above 0"),
        ("[expect]\nlots = 0", "expect.lots: unknown figure of this run; did you mean lost?"),
        ("[expect]\nlost = { mst = 3 }", "unknown field; did you mean most?"),
        ("[load", "try.toml: Expected ']'"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_was_meant(read, text, words):
    with pytest.raises(ScenarioError) as raised:
        read(text)
    assert str(raised.value).startswith("try.toml: ")
    assert words in str(raised.value)


def test_a_scenario_that_is_not_there_names_those_that_are():
    with pytest.raises(ScenarioError, match=r"no scenario R99; there are .*R1, "):
        find("R99")


def test_the_tests_that_are_run_by_a_number_are_there():
    paths = [word for words in PROGRAMS.values() for word in words if word.startswith("tests/")]
    assert paths
    assert all((ROOT / path).exists() for path in paths)
