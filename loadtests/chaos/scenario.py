"""A scenario as its file has it: the load, the stand, the faults, and what is expected of it all."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from loadtests.chaos.expectation import Expected
from loadtests.chaos.faults.kinds import AnyFault
from loadtests.chaos.figures import figures_of
from loadtests.chaos.mistake import describe, unknown
from loadtests.platform.options import SimulatorOptions
from loadtests.rehearsal import Load, Plan
from loadtests.stand.options import StandOptions

FOLDER = Path(__file__).parent / "scenarios"

_HEALTHY = {"latency_ms": 50, "receipt_delay": 0.3, "mute_failures": 0}
"""A platform that never mutes an account: what is tested here is that its callbacks come through."""


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of `scenarios/`. `proves` is one sentence."""

    proves: str
    load: Load = Load()
    stand: StandOptions = StandOptions()
    platform: SimulatorOptions = SimulatorOptions()
    faults: tuple[AnyFault, ...] = ()
    expect: dict[str, Expected] = field(default_factory=dict)

    def plan(self, seed: int, scale: float) -> Plan:
        """What to rehearse; `scale` multiplies `callbacks` and `pushes`. Raises msgspec.ValidationError."""
        load = replace(
            self.load,
            callbacks=max(1, round(self.load.callbacks * scale)),
            pushes=max(1, round(self.load.pushes * scale)),
        )
        platform = replace(self.platform, seed=seed)
        for fault in self.faults:
            platform = fault.platform(platform)
        more = "".join(fault.configuration(platform) for fault in self.faults)
        return Plan(platform=platform, load=load, stand=self.stand, more=more)

    def missing(self) -> dict[int, str]:
        """What this machine lacks, by the number of the fault that needs it."""
        return {number: lacks for number, fault in enumerate(self.faults) if (lacks := fault.missing())}


class ScenarioError(Exception):
    """A scenario cannot be read; one line with the file, the field, and what was probably meant."""


def names() -> list[str]:
    """The scenarios there are."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def find(name: str) -> Path:
    """A scenario by its name, or any file ending in `.toml`. Raises ScenarioError."""
    file = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not file.is_file():
        raise ScenarioError(f"there is no scenario {name}; there are {', '.join(names())}")
    return file


def read_scenario(file: Path) -> Scenario:
    """Read a scenario's file. Raises ScenarioError."""
    try:
        tree: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{file.name}: {error}") from None
    if isinstance(tree.get("platform", {}), dict):
        tree["platform"] = _HEALTHY | tree.get("platform", {})
    try:
        scenario = msgspec.convert(tree, Scenario)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{file.name}: {describe(error, tree, Scenario)}") from None
    known = figures_of(scenario.faults)
    for figure in scenario.expect.keys() - known.keys():
        raise ScenarioError(f"{file.name}: expect.{unknown(figure, known, 'figure of this run')}")
    return scenario
