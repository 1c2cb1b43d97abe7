"""What happens around a test in each Locust process: arguments, the rig, the generator's own lag, the result file."""

import sys
import time
from argparse import Namespace
from functools import partial
from pathlib import Path

import gevent
import msgspec
from configargparse import ArgumentParser
from locust.env import Environment
from locust.event import Events
from locust.runners import MasterRunner, WorkerRunner

from loadtests.scenarios.catalog import Scenario
from loadtests.scenarios.measured import LAG, OUTCOMES, RESULT_FILE, Measured
from loadtests.scenarios.options import HELP, SECRETS, LoadOptions, environment_name
from loadtests.scenarios.outcomes import counts, extend_web_page, record
from loadtests.scenarios.rig import Rig, options_of, runs, set_up, take_down

BEAT_SECONDS = 0.05
FLUSH_BEATS = 20


def install(events: Events, scenario: Scenario) -> None:
    """Register everything a scenario's processes need."""
    events.init_command_line_parser.add_listener(add_arguments)
    events.init.add_listener(partial(prepare, scenario=scenario))
    events.test_start.add_listener(partial(start, scenario=scenario))
    events.test_stop.add_listener(stop)
    events.quitting.add_listener(write_result)


def add_arguments(parser: ArgumentParser) -> None:
    """One argument for each option; the web page offers them too, and secrets as such."""
    for field in msgspec.structs.fields(LoadOptions):
        parser.add_argument(
            f"--{field.encode_name.replace('_', '-')}",
            env_var=environment_name(field.name),
            default=field.default,
            help=HELP[field.name],
            is_secret=field.name in SECRETS,
        )


def prepare(environment: Environment, scenario: Scenario, **_: object) -> None:
    """Refuse impossible options before anything starts, and extend the web page."""
    try:
        Rig(scenario, options_of(environment), 0)
    except (ValueError, OSError) as error:
        # Locust logs what an event's listener raises and goes on; it stops only for this.
        sys.exit(f"{scenario.name}: {error}")
    if environment.web_ui is not None:
        extend_web_page(environment.web_ui)


def start(environment: Environment, scenario: Scenario, **_: object) -> None:
    """Make the rig. A master has no users, hence none."""
    if not isinstance(environment.runner, MasterRunner):
        gevent.spawn(_beat, environment, set_up(environment, scenario))


def stop(environment: Environment, **_: object) -> None:
    """All users have ended what they began: complete the ledger."""
    take_down(environment)


def _beat(environment: Environment, rig: Rig) -> None:
    """Note how late this process wakes up, for as long as its test runs, and let no row wait for long."""
    number = 0
    while runs(environment, rig):
        due = time.perf_counter() + BEAT_SECONDS
        gevent.sleep(BEAT_SECONDS)
        record(environment, LAG, "wake-up", max(0.0, time.perf_counter() - due))
        number += 1
        if number % FLUSH_BEATS == 0:
            rig.ledger.flush()


def write_result(environment: Environment, **_: object) -> None:
    """Leave the figures of all processes beside the ledgers, where `loadtests.load` looks for them."""
    options = environment.parsed_options
    if isinstance(environment.runner, WorkerRunner) or not isinstance(options, Namespace) or not options.ledger:
        return
    folder = Path(options.ledger)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULT_FILE).write_bytes(msgspec.json.encode(measure(environment)))


def measure(environment: Environment) -> Measured:
    """The figures so far; on a master, those of all its workers."""
    stats, runner = environment.stats, environment.runner
    total = stats.total
    again = (" again", " repeated")
    return Measured(
        requests=total.num_requests,
        failures=total.num_failures,
        began=sum(
            entry.num_requests
            for (name, kind), entry in stats.entries.items()
            if kind not in OUTCOMES and not name.endswith(again)
        ),
        p50=total.get_response_time_percentile(0.5) / 1000,
        p99=total.get_response_time_percentile(0.99) / 1000,
        slowest=total.max_response_time / 1000,
        outcomes=counts(stats),
        lag_p99=stats.get("wake-up", LAG).get_response_time_percentile(0.99) / 1000,
        cpu_warning=runner is not None and (runner.cpu_warning_emitted or runner.worker_cpu_warning_emitted),
    )
