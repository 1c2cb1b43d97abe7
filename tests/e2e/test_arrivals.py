"""The arrival generator against a whole stand: its command line, its ledger, and its proof on a stopped gateway."""

import json
import sys

import pytest
import trio

from loadtests.arrivals.proof import ProofOptions, prove
from loadtests.audit.auditor import AuditSources, audit
from loadtests.ledgers import SpikeRow, read_rows
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.configuration import ACCOUNT
from loadtests.stand.stand import open_stand

pytestmark = pytest.mark.e2e


async def test_what_a_spike_says_was_acknowledged_is_in_the_store(tmp_path):
    platform = SimulatorOptions()
    ledger = tmp_path / "arrivals.jsonl"
    async with open_stand(platform) as stand:
        flags = ["--shape=spike", "--rate=50", "--peak=400", "--spike-at=0.5", "--spike-seconds=0.5", "--seconds=1.5"]
        flags += [f"--url={stand.callback_url}", f"--token={platform.token}", f"--ledger={ledger}"]
        flags += ["--max-lag=3600", "--max-skipped=1"]  # whether the machine was quick enough is not asked here
        done = await trio.run_process([sys.executable, "-m", "loadtests.arrivals", *flags], capture_stdout=True)
        sources = AuditSources(store_url=stand.store_url, account=ACCOUNT, spike=read_rows(ledger, SpikeRow))
        audited = await trio.to_thread.run_sync(audit, sources)
    report = json.loads(done.stdout)
    assert report["arrivals"] == 250
    assert report["acked"] == audited.callbacks.acked == audited.callbacks.stored
    assert audited.passed


async def test_a_stall_of_1_4_s_shows_in_the_open_loops_p99():
    # The rate is small enough for any machine: what is proven is a share of it.
    proof = await prove(ProofOptions(rate=300, seconds=5, stall=1.4))
    assert proof.report.arrivals == 1500
    assert proof.open_loop.p99 >= 1000
    # Half of the stall's arrivals waited for half of it; no closed loop of eight can have that many.
    assert proof.open_stalled >= 0.9 * 300 * 1.4 / 2
    assert proof.closed_loop.max >= 1000
