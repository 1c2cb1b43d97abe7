import io

import msgspec
from rich.console import Console

from loadtests.audit.report import AuditReport, CallbackAudit
from loadtests.ledgers import SpikeRow
from loadtests.load.locust_run import LocustRun
from loadtests.load.summary import render_load, summarize
from loadtests.scenarios.catalog import find, plan
from loadtests.scenarios.measured import RETRIED, Measured

PLAN = plan(find("callback_spike"), scale=0.01)
ROW = SpikeRow(
    openid="oSecret", type="text", name="", created=1, key="", msgid="1", acked=True, answers=("200",), latency=0.1
)
GOOD = Measured(requests=800, began=750, p50=0.01, p99=0.1, outcomes={RETRIED: 3})
LOST = AuditReport(callbacks=CallbackAudit(sent=1, acked=1, lost_count=1))


def shown(summary, report):
    text = io.StringIO()
    Console(file=text, width=200).print(render_load(summary, report))
    return text.getvalue()


def test_a_good_run_passes_with_status_0():
    summary = summarize(PLAN, LocustRun(GOOD, [ROW], []), AuditReport())
    assert (summary.verdict, summary.status, summary.acked) == ("passed", 0, 1)
    assert "load passed" in shown(summary, AuditReport())


def test_a_loss_fails_with_status_1_even_if_the_generator_was_slow():
    slow = msgspec.structs.replace(GOOD, began=1)
    summary = summarize(PLAN, LocustRun(slow, [ROW], []), LOST)
    assert (summary.verdict, summary.status, summary.lost) == ("failed", 1, 1)
    assert len(summary.reasons) == 2


def test_a_run_the_generator_did_not_keep_up_with_is_void_with_status_3():
    summary = summarize(PLAN, LocustRun(msgspec.structs.replace(GOOD, cpu_warning=True), [ROW], []), AuditReport())
    assert (summary.verdict, summary.status) == ("void", 3)
    assert "void: Locust ran out of processor" in shown(summary, AuditReport())


def test_without_a_store_it_says_that_nothing_was_audited():
    summary = summarize(PLAN, LocustRun(GOOD, [ROW], []), None)
    assert not summary.audited
    assert "not audited" in shown(summary, None)


def test_outcomes_come_with_their_meaning_and_no_openid_is_shown():
    summary = summarize(PLAN, LocustRun(GOOD, [ROW], []), AuditReport(), drained=False)
    text = shown(summary, AuditReport())
    assert "retried  3  sent once more" in text
    assert "waiting is not lost" in text
    assert "oSecret" not in text
