"""R18: a real Prometheus scrapes real processes; what it counted is what the audit found, and nothing alerts."""

import shutil

import pytest
import trio
from msgspec import structs

from loadtests.monitored.run import run_monitored
from loadtests.rehearsal import LIVELY, Load, Plan
from loadtests.stand.options import StandOptions

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed (Debian: prometheus)"),
]


@pytest.fixture(scope="module")
def monitored():
    """Two of each, all replaced on the way: what was counted must survive that.

    Few connections: an answer that comes after the platform's five seconds is counted, and nobody sees it.
    """
    plan = Plan(
        platform=structs.replace(LIVELY, callback_connections=8),
        load=Load(callbacks=2_000, pushes=1_000, connections=8),
        stand=StandOptions(gateways=2, pushers=2),
    )

    async def run():
        with trio.fail_after(240):
            return await run_monitored(plan)

    return trio.run(run)


def test_the_run_lost_nothing_and_is_through(monitored):
    assert monitored.report.passed
    assert monitored.drained
    assert monitored.report.callbacks.stored == 2_000
    assert monitored.report.pushes.count("delivered") > 0
    assert monitored.report.pushes.count("failed") > 0


def test_every_counter_equals_the_audit_exactly(monitored):
    assert len(monitored.compared) > 15
    assert not monitored.differing


def test_no_alert_fires_on_a_healthy_run(monitored):
    assert monitored.fired == []


def test_every_panel_of_every_dashboard_shows_data(monitored):
    assert monitored.panels > 80
    assert monitored.silent == []
