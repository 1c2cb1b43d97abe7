"""What a stand tells its simulator."""

from loadtests.platform.faults import FaultRule
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.stand.simulator import simulator_flags
from runtime.commands.simulator_flags import simulator_options

SEVERAL = {"faults", "fault_rules", "accounts"}


def test_the_simulator_is_told_all_that_is_not_its_default():
    options = SimulatorOptions(
        latency_ms=50,
        accounts=(AccountOptions(app_id="wx2", app_secret="s", token="t", original_id="gh_2"),),
        faults={"-1": 0.25, "http_500": 0.5},
        fault_rules=(FaultRule(fault="87014", containing="refuse me"), FaultRule(fault="no_answer", api="custom")),
    )
    given: dict[str, object] = {}
    for name, value in simulator_flags(options):
        given[name] = [*given.get(name, []), value] if name in SEVERAL else value
    assert simulator_options(given) == options
