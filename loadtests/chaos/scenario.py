"""A scenario as its file has it: the load, the stand, the faults, and what is expected of it all."""

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from loadtests.chaos.expectation import Expected
from loadtests.chaos.faults.kinds import AnyFault
from loadtests.chaos.figures import FIGURES
from loadtests.chaos.mistake import describe, unknown
from loadtests.platform.options import SimulatorOptions
from loadtests.rehearsal import Plan
from loadtests.stand.stand import StoreKind

FOLDER = Path(__file__).parent / "scenarios"

_HEALTHY = {"latency_ms": 50, "receipt_delay": 0.3, "mute_failures": 0}
"""A platform that never mutes an account: what is tested here is that its callbacks come through."""


class Load(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent. `--scale` multiplies `callbacks` and `pushes`; times in seconds; paces of 0 are as fast as it goes.

    `poison` of the pushes are marked for the platform never to take (`loadtests.generators.campaign`).
    """

    callbacks: int = 5_000
    pushes: int = 5_000
    connections: int = 64
    callbacks_per_second: float = 0
    seconds: float = 120
    drain_seconds: float = 60
    pushes_per_second: float = 0
    poison: int = 0


class StandTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it is sent to; the fields are those of `loadtests.stand.stand.StandOptions`. `clock` loads libfaketime."""

    gateways: int = 1
    pushers: int = 1
    per_second: int = 2_000
    per_day: int = 1_000_000
    template_per_second: float = 0
    max_attempts: int = 8
    claim_seconds: float = 10.0
    send_seconds: float = 5.0
    store: StoreKind = "embedded"
    durability: Literal["fsync", "replica"] = "fsync"
    proxied: tuple[Literal["platform", "store"], ...] = ()
    data_megabytes: int = 0
    clock: bool = False
    logs: Literal["usual", "everything"] = "usual"

    def __post_init__(self) -> None:
        """Raises ValueError for a stand that cannot be."""
        if "store" in self.proxied and self.store != "external":
            raise ValueError(
                '`proxied` may name the store only if `store` is "external": others have no port, or several'
            )


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of `scenarios/`. `proves` is one sentence."""

    proves: str
    load: Load = Load()
    stand: StandTable = StandTable()
    platform: SimulatorOptions = SimulatorOptions()
    faults: tuple[AnyFault, ...] = ()
    expect: dict[str, Expected] = field(default_factory=dict)

    def plan(self, seed: int, scale: float, clock: str) -> Plan:
        """What to rehearse; `clock` is the libfaketime that was found. Raises msgspec.ValidationError."""
        load = msgspec.structs.asdict(self.load)
        load["callbacks"] = max(1, round(self.load.callbacks * scale))
        load["pushes"] = max(1, round(self.load.pushes * scale))
        stand = msgspec.structs.asdict(self.stand) | {"clock": clock if self.stand.clock else ""}
        platform = msgspec.structs.replace(self.platform, seed=seed)
        more = "".join(fault.configuration(platform) for fault in self.faults)
        return Plan(platform=platform, more=more, **load, **stand)

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
    for figure in scenario.expect.keys() - FIGURES.keys():
        raise ScenarioError(f"{file.name}: expect.{unknown(figure, FIGURES, 'figure')}")
    return scenario
