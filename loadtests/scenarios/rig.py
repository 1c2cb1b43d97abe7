"""What the users of one process share during one test: the plan, the people, the envelope and the ledger."""

import random
import time
from pathlib import Path
from weakref import WeakKeyDictionary

from locust.env import Environment
from locust.runners import WorkerRunner

from loadtests.platform.envelope import Envelope
from loadtests.scenarios.catalog import Plan, Scenario
from loadtests.scenarios.ledger_folder import LedgerWriter
from loadtests.scenarios.options import LoadOptions, read_options
from loadtests.scenarios.people import People


class Rig:
    """One process, one test."""

    def __init__(self, scenario: Scenario, options: LoadOptions, member: int) -> None:
        """Raises ValueError for options that make no sense and OSError if the ledger's folder cannot be made."""
        run = time.time_ns() // 1_000_000
        self.options = options
        self.plan: Plan = options.plan(scenario)
        self.people = People(options.original_id, options.account, run=run, member=member, wall=time.time)
        self.random = random.Random(f"{run}-{member}")
        self.envelope = Envelope(options.keys, self.random)
        self.ledger = LedgerWriter(Path(options.ledger) if options.ledger else None)


_RIGS: WeakKeyDictionary[Environment, Rig] = WeakKeyDictionary()


def set_up(environment: Environment, scenario: Scenario) -> Rig:
    """Make the rig of a test that starts. Raises as `Rig` does, and then the test has none."""
    _RIGS.pop(environment, None)
    runner = environment.runner
    member = runner.worker_index if isinstance(runner, WorkerRunner) else 0
    rig = Rig(scenario, options_of(environment), member)
    _RIGS[environment] = rig
    return rig


def rig_of(environment: Environment) -> Rig:
    """The rig of the test that runs. Raises KeyError if none does."""
    return _RIGS[environment]


def runs(environment: Environment, rig: Rig) -> bool:
    """Whether that rig's test still runs."""
    return _RIGS.get(environment) is rig


def take_down(environment: Environment) -> None:
    """Complete the ledger of the test that ran, if one did."""
    rig = _RIGS.pop(environment, None)
    if rig is not None:
        rig.ledger.close()


def options_of(environment: Environment) -> LoadOptions:
    """What was given on the command line, in the environment or on the web page. Raises ValueError."""
    return read_options(vars(environment.parsed_options))
