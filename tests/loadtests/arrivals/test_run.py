"""Real runs over loopback; nothing here depends on how fast the machine is."""

import errno
import itertools
import socket
import time
from collections import Counter
from functools import partial

import pytest
import trio
from msgspec.structs import replace

from loadtests.arrivals import pool
from loadtests.arrivals.lag import Bounds
from loadtests.arrivals.options import ArrivalOptions
from loadtests.arrivals.runner import run_arrivals
from loadtests.arrivals.schedule import Constant, Poisson
from loadtests.audit.identity import identify
from loadtests.ledgers import SpikeRow, read_rows, write_rows
from loadtests.platform.http_server import Reply
from loadtests.platform.options import CallbackKeys

AT_ONCE = Constant(rate=1e9, seconds=20e-9)  # 20 arrivals, all due when the clock starts
UNBOUND = Bounds(lag=3600, skipped=1)
KEYS = CallbackKeys(token="token1", app_id="wx1", original_id="gh_1")
SUCCESS = Reply(body=b"success")


def options(address, **changes):
    arrangement = {"shape": AT_ONCE, "opened": 0, "pause": 0, "deadline": 30.0, "bounds": UNBOUND} | changes
    return ArrivalOptions(url=f"{address}/callback/a", **{"account": KEYS} | arrangement)


async def run(address, watch=None, clock=time.monotonic, **changes):
    return await trio.to_thread.run_sync(partial(run_arrivals, options(address, **changes), watch, clock=clock))


async def test_every_arrival_is_sent_once_and_accounted_for(serving):
    bodies = Counter()

    def gateway(request):
        bodies[request.body] += 1
        return SUCCESS

    async with serving(gateway) as address:
        done = await run(address, shape=Poisson(rate=500, seconds=0.4), opened=8)
    report = done.report
    assert report.arrivals == report.acked == len(done.rows) == len(bodies) == done.latency.count
    assert set(bodies.values()) == {1}
    assert report.answers == {"200": report.arrivals}
    assert (report.failed, report.skipped, report.repeats, report.void) == (0, 0, 0, ())
    assert report.latency.count == report.from_write.count == report.lag.count == report.arrivals
    assert all(row.acked and row.latency > 0 and row.began <= row.ended for row in done.rows)
    assert report.latency.max >= report.from_write.max


async def test_the_ledger_is_one_that_the_audit_takes(serving, tmp_path):
    async with serving(lambda _: SUCCESS) as address:
        done = await run(address)
    write_rows(tmp_path / "rows", done.rows)
    assert read_rows(tmp_path / "rows", SpikeRow) == done.rows
    assert len({identify(row) for row in done.rows}) == 20


async def test_arrivals_beyond_the_cap_are_skipped_and_counted(serving):
    async with serving(lambda _: Reply(how="silence")) as address:
        done = await run(address, in_flight=2, deliveries=1, deadline=0.05, bounds=Bounds(lag=3600))
    report = done.report
    assert (report.arrivals, report.skipped, report.failed, report.acked) == (20, 18, 2, 0)
    assert report.answers == {"timeout": 2}
    assert [row.answers for row in done.rows] == [("timeout",)] * 2
    assert report.unacked.p50 >= 50
    assert ["18 arrivals skipped" in reason for reason in report.void] == [True]


async def test_a_generator_that_is_late_itself_says_so_and_voids_the_run(serving):
    held_up = 0.0

    def clock():
        return time.monotonic() + held_up

    def watch(snapshot):
        nonlocal held_up
        if snapshot.elapsed:
            held_up = 1.0

    async with serving(lambda _: SUCCESS) as address:
        done = await run(
            address, watch, clock, shape=Constant(rate=200, seconds=1), bounds=Bounds(), opened=4, in_flight=400
        )
    assert done.report.acked == 200
    assert done.report.lag.max >= 500
    assert any("the generator itself was late" in reason for reason in done.report.void)
    # What it made late is part of the latency, too: the intended time does not move.
    assert done.report.latency.max >= done.report.lag.max


async def test_1_4_a_refused_callback_comes_again_signed_anew_with_the_same_body(serving):
    queries, turns = {}, Counter()

    def gateway(request):
        queries.setdefault(request.body, set()).add(request.query)
        turns[request.body] += 1
        return SUCCESS if turns[request.body] == 3 else Reply(status=503)

    async with serving(gateway) as address:
        done = await run(address)
    assert {row.answers for row in done.rows} == {("503", "503", "200")}
    assert all(row.acked for row in done.rows)
    assert done.report.repeats == 40
    assert {len(each) for each in queries.values()} == {3}


async def test_what_is_never_acknowledged_is_given_up(serving):
    async with serving(lambda _: Reply(status=503)) as address:
        done = await run(address, deliveries=2)
    assert {row.answers for row in done.rows} == {("503", "503")}
    assert (done.report.acked, done.report.failed) == (0, 20)
    assert done.report.unacked.count == 20


async def test_a_broken_connection_is_opened_again(serving):
    turns = Counter()

    def gateway(request):
        turns[request.body] += 1
        return Reply(how="close") if turns[request.body] == 1 else SUCCESS

    async with serving(gateway) as address:
        done = await run(address)
    assert {row.answers for row in done.rows} == {("lost", "200")}
    assert done.report.connections_opened > 20


async def test_an_answer_that_the_platform_would_not_take_is_invalid(serving):
    async with serving(lambda _: Reply(body=b'"success"')) as address:
        done = await run(address, deliveries=1)
    assert done.report.answers == {"invalid": 20}


async def test_where_nobody_listens_every_delivery_is_refused():
    with socket.socket() as held:  # so that nobody else listens there
        held.bind(("127.0.0.1", 0))
        done = await run(f"http://127.0.0.1:{held.getsockname()[1]}")
    assert {row.answers for row in done.rows} == {("refused",) * 3}
    assert done.report.failed == 20


@pytest.mark.parametrize("shortage", [errno.EMFILE, errno.EADDRNOTAVAIL])
async def test_a_shortage_of_our_own_skips_and_does_not_count_against_the_server(serving, monkeypatch, shortage):
    def connect(*_, **__):
        raise OSError(shortage, "no more of these")

    monkeypatch.setattr(pool, "connect", connect)
    async with serving(lambda _: SUCCESS) as address:
        done = await run(address)
    assert (done.report.skipped, done.report.failed, done.rows) == (20, 0, [])


async def test_a_route_that_does_not_exist_is_refused(serving, monkeypatch):
    def connect(*_, **__):
        raise OSError(errno.ENETUNREACH, "no way there")

    monkeypatch.setattr(pool, "connect", connect)
    async with serving(lambda _: SUCCESS) as address:
        done = await run(address)
    assert done.report.answers == {"refused": 60}
    assert done.report.repeats == 40


async def test_a_repeat_that_finds_the_cap_is_skipped_and_counted(serving, monkeypatch):
    taken = itertools.count()
    take = pool.Pool.take
    monkeypatch.setattr(pool.Pool, "take", lambda self: take(self) if next(taken) < 20 else None)
    async with serving(lambda _: Reply(status=503)) as address:
        done = await run(address)
    assert {row.answers for row in done.rows} == {("503",)}
    assert (done.report.failed, done.report.repeats, done.report.repeats_skipped) == (20, 0, 20)


async def test_secure_mode_shows_no_openid_in_the_body(serving):
    bodies = []
    key = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"
    async with serving(lambda request: bodies.append(request.body) or SUCCESS) as address:
        done = await run(address, account=replace(KEYS, mode="secure", aes_key=key))
    assert done.report.acked == 20
    assert not any(b"oSpike" in body for body in bodies)


@pytest.mark.parametrize("header", [b"", b"Connection: close\r\n"])
async def test_a_server_that_ends_every_connection_loses_no_callback(header):
    """Announced or not: a connection that was closed while idle is not used again."""

    async def answer_once(stream):
        async with stream:
            request = b""
            while not request.endswith(b"</xml>"):
                request += await stream.receive_some()
            await stream.send_all(b"HTTP/1.1 200 OK\r\n%bContent-Length: 7\r\n\r\nsuccess" % header)

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, answer_once, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        done = await run(f"http://127.0.0.1:{port}", shape=Constant(rate=100, seconds=0.2), opened=8)
        nursery.cancel_scope.cancel()
    assert done.report.acked == 20
    assert done.report.connections_opened >= 20


async def test_progress_is_told_while_it_runs(serving):
    seen = []
    async with serving(lambda _: SUCCESS) as address:
        await run(address, seen.append, shape=Constant(rate=50, seconds=0.5))
    assert [each.begun for each in seen] == sorted(each.begun for each in seen)
    assert all(each.acked <= each.begun for each in seen)
    assert len(seen) >= 2


async def test_an_impossible_address_is_refused():
    with pytest.raises(ValueError, match="http://"):
        await run("https://x")
