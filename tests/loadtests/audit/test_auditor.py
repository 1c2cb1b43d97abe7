"""The audit over a real store, in the documented layout, with faults planted in it."""

import io
import json
import subprocess
import sys

import msgpack
import pytest
import redis
import trio
from rich.console import Console

from loadtests.audit.auditor import AuditSources, audit
from loadtests.audit.limits import Limits, audit_limits
from loadtests.audit.report import AuditReport
from loadtests.audit.store_address import open_client
from loadtests.audit.store_reader import StoreReader, Waiting
from loadtests.audit.summary import render
from loadtests.ledgers import CampaignRow, SpikeRow, write_rows
from loadtests.platform.http_server import Reply
from loadtests.platform.ledger import Ledger, SendRow
from loadtests.platform.query import parameter

SPIKE = [
    SpikeRow(
        openid=f"o{number % 100}",
        type="text",
        name="",
        created=1,
        key="",
        msgid=str(number),
        acked=True,
        answers=("200",),
        latency=0,
        began=number,
        ended=number + 0.5,
    )
    for number in range(300)
]
CAMPAIGN = [
    CampaignRow(key=str(number), id=f"{number % 4:x}-{number}", status="queued", recipient="oA", priority="normal")
    for number in range(12)
]


@pytest.fixture
def client(store_url):
    """An empty store that holds everything that SPIKE and CAMPAIGN promise."""
    client = redis.Redis.from_url(store_url)
    client.flushall()
    client.hset("tg:meta", mapping={"schema": 1, "shards": 4})
    with client.pipeline() as pipeline:
        for number, row in enumerate(SPIKE):
            entry = [
                1,
                "a",
                row.openid,
                row.type,
                row.name,
                row.created,
                row.key,
                row.msgid,
                "",
                b"i" * 16,
                b"<xml/>",
                1.0,
            ]
            pipeline.xadd(f"{{tg{number % 4}}}:events", {"e": msgpack.packb(entry)})
        for number, row in enumerate(CAMPAIGN):
            shard = f"{{tg{number % 4}}}:"
            state = ("queued", "retrying", "sending")[number % 3]
            pipeline.hset(f"{shard}job:{row.id}", mapping={"state": state, "queue": "a:u:normal", "payload": b"x"})
            if state == "queued":
                pipeline.lpush(f"{shard}q:a:template:u:normal", row.id)
            else:
                pipeline.zadd(shard + ("later" if state == "retrying" else "claims"), {row.id: 1})
        pipeline.execute()
    yield client
    client.flushall()
    client.close()


@pytest.fixture
def judge(client, store_url):
    return lambda: audit(AuditSources(store_url=store_url, spike=SPIKE, campaign=CAMPAIGN), sleep=lambda _: None)


def test_a_store_that_keeps_every_promise_passes(judge):
    report = judge()
    assert report.passed
    assert (report.callbacks.stored, report.callbacks.foreign) == (300, 0)
    assert report.pushes.states == {"queued": 4, "retrying": 4, "sending": 4}


def test_an_event_taken_out_is_found_lost(client, judge):
    [(entry, _)] = client.xrange("{tg1}:events", count=1)
    client.xdel("{tg1}:events", entry)
    report = judge()
    assert not report.passed
    assert report.lost == 1
    assert report.callbacks.lost[0].openid == "o1"


def test_an_event_put_in_twice_is_found_even_in_another_shard(client, judge):
    [(_, fields)] = client.xrange("{tg1}:events", count=1)
    client.xadd("{tg2}:events", fields)
    report = judge()
    assert (report.passed, report.lost, report.appended_twice) == (False, 0, 1)


def test_a_swap_of_one_event_for_another_keeps_the_count_and_is_found(client, judge):
    entries = client.xrange("{tg1}:events", count=2)
    client.xdel("{tg1}:events", entries[0][0])
    client.xadd("{tg1}:events", entries[1][1])
    report = judge()
    assert (report.lost, report.appended_twice) == (1, 1)


def test_a_job_without_its_place_is_found_lost(client, judge):
    client.delete("{tg0}:q:a:template:u:normal")
    report = judge()
    assert not report.passed
    assert {lost.reason for lost in report.pushes.lost} == {"it is queued and in no queue, claim or later"}


def test_a_job_taken_out_is_found_lost(client, judge):
    client.delete("{tg0}:job:0-0")
    assert [lost.id for lost in judge().pushes.lost] == ["0-0"]


def test_a_push_queued_twice_is_found(client, judge):
    client.lpush("{tg0}:q:a:template:u:bulk", "0-0")
    report = judge()
    assert (report.passed, report.pushes.misplaced) == (False, ("0-0",))


def test_a_push_that_moves_while_the_audit_reads_is_looked_at_again(client, store_url):
    client.lrem("{tg0}:q:a:template:u:normal", 0, "0-0")

    def meanwhile(_seconds):
        client.zadd("{tg0}:claims", {"0-0": 1})
        client.hset("{tg0}:job:0-0", "state", "sending")

    report = audit(AuditSources(store_url=store_url, campaign=CAMPAIGN), sleep=meanwhile)
    assert report.passed


def test_order_is_kept_if_each_persons_events_stand_as_they_were_acknowledged(judge):
    # Each of 100 people has an event in its stream at i, i + 100 and i + 200.
    report = judge()
    assert (report.order_kept, report.event_order.compared) == (True, 200)


def test_two_events_of_one_person_that_swapped_places_are_told_and_fail_nothing(client, judge):
    [(entry, fields)] = client.xrange("{tg1}:events", count=1)
    client.xdel("{tg1}:events", entry)
    client.xadd("{tg1}:events", fields)
    report = judge()
    assert (report.passed, report.order_kept, report.event_order.inverted) == (True, False, 2)


def send(number, at):
    return SendRow(at=at, app_id="wx1", openid="oA", client_msg_id=CAMPAIGN[number % 12].id, msgid=number)


def showing(ledger, *, forgotten=0):
    """A simulator that shows this ledger, but for the rows that it forgot."""

    def answer(request):
        if request.path == b"/_sim/summary":
            pages = {"rows": 20, "forgotten": forgotten, "first_page": 0}
            kinds = dict.fromkeys(("sends", "refusals", "callbacks"), pages)
            summary = {"counts": {}, "ledger": kinds, "receipts_due": 0, "callbacks_pending": 0}
            return Reply(body=json.dumps(summary).encode())
        return Reply(body=ledger.page(parameter(request.query, b"kind"), int(parameter(request.query, b"page"))))

    return answer


@pytest.mark.parametrize(("forgotten", "lost"), [(0, 1), (1, 0)])
async def test_what_a_platform_that_forgets_does_not_show_is_no_loss(client, store_url, serving, forgotten, lost):
    client.lrem("{tg0}:q:a:template:u:normal", 0, "0-0")
    client.hset("{tg0}:job:0-0", mapping={"state": "sent", "msgid": "7"})
    async with serving(showing(Ledger(100), forgotten=forgotten)) as address:
        sources = AuditSources(store_url=store_url, platform_url=address, campaign=CAMPAIGN)
        report = await trio.to_thread.run_sync(audit, sources)
    assert report.lost == lost
    assert ("the platform's ledger forgot some rows: absence there proves nothing" in report.notes) == bool(forgotten)


@pytest.mark.parametrize(("rate", "kept"), [(10, True), (9, False)])
async def test_sends_above_the_limit_fail_the_audit(client, store_url, serving, rate, kept):
    ledger = Ledger(100)
    for number in range(20):
        ledger.sent(send(number, 1e9 + number / 10))
    async with serving(showing(ledger)) as address:
        sources = AuditSources(store_url=store_url, platform_url=address, limits=Limits(per_second=rate))
        report = await trio.to_thread.run_sync(audit, sources)
    assert (report.passed, report.limits_kept, report.limits[0].peak) == (kept, kept, 10)
    console = Console(width=200, file=io.StringIO())
    console.print(render(report))
    assert f"rate {'kept' if kept else 'EXCEEDED'}: at most 10 sends in any 1 s" in console.file.getvalue()


def test_what_waits_is_counted_by_where_it_waits(client):
    for shard in range(4):
        client.sadd(f"{{tg{shard}}}:work", "a:template")
        client.hset(f"{{tg{shard}}}:work:a:template", "u:normal", 0)
    client.xgroup_create("{tg0}:events", "dispatch", id="0")
    waiting = StoreReader(client).waiting()
    assert waiting == Waiting(queued=4, claimed=4, later=4, events=75)
    assert StoreReader(client).backlog() == 87


def test_an_entry_that_cannot_be_read_is_noted(client, judge):
    client.xadd("{tg0}:events", {"e": b"\xc1"})
    client.xadd("{tg0}:events", {"other": b"x"})
    assert "2 stream entries could not be read" in judge().notes


def test_another_accounts_events_are_not_counted_for_this_one(client, store_url):
    report = audit(AuditSources(store_url=store_url, account="b", spike=SPIKE))
    assert report.lost == 300


def test_the_summary_says_what_is_wrong_and_shows_no_openid(client, judge):
    client.xdel("{tg1}:events", client.xrange("{tg1}:events", count=1)[0][0])
    console = Console(width=200, file=io.StringIO())
    console.print(render(judge()))
    shown = console.file.getvalue()
    assert "audit FAILED: 1 lost" in shown
    assert "o1 " not in shown


def test_of_many_accounts_the_summary_shows_the_fullest():
    rows = [
        SendRow(at=1_714_112_445.0 + n, app_id=f"wx{account}", openid="o", client_msg_id="p", msgid=1)
        for account in range(12)
        for n in range(3 if account == 7 else 1)
    ]
    console = Console(width=200, file=io.StringIO())
    console.print(render(AuditReport(limits=audit_limits(rows, Limits(per_day=2)))))
    shown = console.file.getvalue()
    assert shown.count("quota kept") == 9
    assert "quota EXCEEDED: 3 sends" in shown
    assert "2 more accounts" in shown


@pytest.mark.e2e
@pytest.mark.parametrize("planted", [False, True])
def test_the_command_exits_1_only_if_something_is_wrong(client, store_url, tmp_path, planted):
    if planted:
        client.delete("{tg0}:job:0-0")
    spike, campaign = tmp_path / "spike.jsonl", tmp_path / "campaign.jsonl"
    write_rows(spike, SPIKE)
    write_rows(campaign, CAMPAIGN)
    command = [sys.executable, "-m", "loadtests.audit", "--store", store_url, "--spike", spike, "--campaign", campaign]
    run = subprocess.run([*command, "--json"], capture_output=True, check=False)
    assert run.returncode == planted, run.stderr
    verdict = json.loads(run.stdout)
    assert (verdict["passed"], verdict["lost"]) == (not planted, planted)
    assert (verdict["order_kept"], verdict["limits_kept"]) == (True, True)


@pytest.mark.e2e
def test_a_store_that_is_not_ours_is_wrong_usage(store_url):
    with redis.Redis.from_url(store_url) as client:
        client.flushall()
    run = subprocess.run(
        [sys.executable, "-m", "loadtests.audit", "--store", store_url], capture_output=True, check=False
    )
    assert run.returncode == 2
    assert b"tg:meta" in run.stderr


def test_store_addresses_of_every_kind_are_understood():
    for url in ("redis://x:1/2", "rediss://x", "unix:///x", "redis+sentinel://a:1,b/main"):
        open_client(url).close()
    for url in ("http://x", "redis+sentinel://a:1"):
        with pytest.raises(ValueError, match=r"."):
            open_client(url)
