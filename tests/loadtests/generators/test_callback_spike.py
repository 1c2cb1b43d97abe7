from collections import Counter

import pytest
from msgspec.structs import replace

from loadtests.generators.callback_spike import SpikeOptions, run_spike
from loadtests.ledgers import SpikeRow, read_rows, write_rows
from loadtests.platform.http_server import Reply
from loadtests.platform.options import CallbackKeys

KEYS = CallbackKeys(token="token1", app_id="wx1", original_id="gh_1")


def options(address, **changes):
    arrangement = {"account": KEYS, "count": 50, "connections": 4, "pause": 0, "repeat_share": 0}
    return SpikeOptions(url=f"{address}/callback/a", **(arrangement | changes))


async def test_every_callback_is_delivered_once_and_its_ack_is_kept(serving):
    bodies, progress = Counter(), []

    def gateway(request):
        bodies[request.body] += 1
        return Reply(body=b"success")

    async with serving(gateway) as address:
        ledger = await run_spike(options(address), lambda done, acked: progress.append((done, acked)))
    assert ledger.acked == len(ledger.rows) == len(bodies) == 50
    assert set(bodies.values()) == {1}
    assert progress[-1] == (50, 50)
    assert all(row.answers == ("200",) and row.latency > 0 for row in ledger.rows)
    assert all(0 <= row.began < row.ended <= ledger.seconds for row in ledger.rows)


async def test_a_share_comes_twice_though_it_was_acknowledged(serving):
    bodies = Counter()

    def gateway(request):
        bodies[request.body] += 1
        return Reply(body=b"success")

    async with serving(gateway) as address:
        ledger = await run_spike(options(address, repeat_share=1))
    assert set(bodies.values()) == {2}
    assert all(row.acked and row.answers == ("200", "200") for row in ledger.rows)


async def test_1_4_a_refused_callback_comes_three_times_and_is_not_acknowledged(serving):
    async with serving(lambda _: Reply(status=503)) as address:
        ledger = await run_spike(options(address, count=5))
    assert ledger.acked == 0
    assert {row.answers for row in ledger.rows} == {("503",) * 3}


async def test_a_broken_connection_is_opened_again(serving):
    turns = Counter()

    def gateway(request):
        turns[request.body] += 1
        return Reply(how="close") if turns[request.body] == 1 else Reply(body=b"success")

    async with serving(gateway) as address:
        ledger = await run_spike(options(address))
    assert ledger.acked == 50
    assert {row.answers for row in ledger.rows} == {("lost", "200")}


async def test_without_a_gateway_the_answer_is_refused_not_lost():
    ledger = await run_spike(options("http://127.0.0.1:9", count=2))
    assert {row.answers for row in ledger.rows} == {("refused",) * 3}


async def test_callbacks_may_be_paced_over_all_connections(serving, autojump_clock):
    async with serving(lambda _: Reply(body=b"success")) as address:
        ledger = await run_spike(options(address, count=5, per_second=0.5, deadline=1e9))
    began = sorted(row.began for row in ledger.rows)
    assert all(row >= 2 * number for number, row in enumerate(began))


async def test_secure_mode_shows_no_openid_in_the_body(serving):
    bodies = []
    key = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA"
    async with serving(lambda request: bodies.append(request.body) or Reply()) as address:
        ledger = await run_spike(options(address, count=5, account=replace(KEYS, mode="secure", aes_key=key)))
    assert ledger.acked == 5
    assert not any(b"oSpike" in body for body in bodies)


async def test_the_ledger_can_be_kept(serving, tmp_path):
    async with serving(lambda _: Reply()) as address:
        ledger = await run_spike(options(address))
    path = tmp_path / "spike.jsonl"
    write_rows(path, ledger.rows)
    assert read_rows(path, SpikeRow) == ledger.rows


async def test_an_impossible_address_is_refused():
    with pytest.raises(ValueError, match="http://"):
        await run_spike(options("https://x"))
