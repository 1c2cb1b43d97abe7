"""Our ledgers beside the platform's own count."""

import json
import random

import httpx
import pytest
import trio

from pushers.outlet import Outlet
from pushers.quotas.answer import PlatformCount, read_quota_answer
from pushers.quotas.watch import EVERY_SECONDS, SELDOMER, SOON_SECONDS, QuotaWatch
from pushers.verdict import Verdict
from queues.account import Account, ApiLimit
from queues.limits.holds import park, stop_account
from queues.limits.quota import claim_watch, read_quota
from queues.limits.rate import LeaseRequest, lease

CITY = Account(
    name="city", app_id="wx1", api_base="http://platform", limits={"template": ApiLimit(per_day=1000, reserve=0)}
)


class Tokens:
    token = "T-1"


@pytest.fixture
def asked() -> list[tuple[str, str]]:
    return []


def watch(store, asked, count: dict[str, int] | None) -> QuotaWatch:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, json.loads(request.content)["cgi_path"]))
        body = {"errcode": 0, "quota": count} if count else {"errcode": 76022, "errmsg": "token mismatch"}
        return httpx.Response(200, json=body)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return QuotaWatch(CITY, store, Tokens(), client, random.Random(1), parked=trio.sleep_forever)  # type: ignore[arg-type]


async def granted(store, api: str = "template") -> tuple[int, str]:
    leased = await lease(store, LeaseRequest(account="city", api=api, limit=CITY.limit(api), wanted=500))
    return leased.granted, leased.state


async def test_what_other_programs_sent_counts_too(store, asked):
    await watch(store, asked, {"daily_limit": 1000, "used": 900, "remain": 100}).look()
    assert asked == [("/cgi-bin/openapi/quota/get", "/cgi-bin/message/template/send")]
    assert await granted(store) == (100, "granted")


async def test_a_parked_api_with_quota_left_is_tried_with_one_push(store, asked):
    await park(store, "city", "template", 36_000, "errcode 45009")
    await watch(store, asked, {"daily_limit": 100_000, "used": 700, "remain": 99_300}).look()
    assert await granted(store) == (1, "probe")


async def test_one_without_stays_parked(store, asked):
    await park(store, "city", "template", 36_000, "errcode 45009")
    await watch(store, asked, {"daily_limit": 1000, "used": 1000, "remain": 0}).look()
    assert (await granted(store))[1] == "parked"


async def test_a_quota_that_was_cleared_over_there_is_whole_here_too(store, asked):
    """By the operator, while the API is parked and nothing of it is under way."""
    limit = CITY.limit("template")
    await lease(store, LeaseRequest(account="city", api="template", limit=limit, wanted=1000))
    await lease(store, LeaseRequest(account="city", api="template", limit=limit, wanted=0, ordinary=1000))
    assert await granted(store) == (0, "quota")
    await park(store, "city", "template", 36_000, "errcode 45009")
    await watch(store, asked, {"daily_limit": 1000, "used": 0, "remain": 1000}).look()
    assert await granted(store) == (1, "probe")
    [ledger] = (await read_quota(store, CITY, ())).ledgers
    assert (ledger.spent, ledger.ordinary) == (1, 0)


async def test_a_lower_count_of_an_api_in_use_changes_nothing_as_some_may_be_under_way(store, asked):
    await granted(store)
    await watch(store, asked, {"daily_limit": 1000, "used": 3, "remain": 997}).look()
    [ledger] = (await read_quota(store, CITY, ())).ledgers
    assert ledger.spent == 500


async def test_after_a_park_it_looks_soon_and_then_less_and_less_often(nursery, monkeypatch, autojump_clock):
    looks, parked = [], True

    async def look(_watch: QuotaWatch) -> bool:
        looks.append(trio.current_time())
        return parked

    async def agree(*_: object, **__: object) -> bool:
        return True

    async def news(*_: object, **__: object) -> tuple[float, bool]:
        return 36_000.0, True

    monkeypatch.setattr(QuotaWatch, "look", look)
    monkeypatch.setattr("pushers.quotas.watch.claim_watch", agree)
    monkeypatch.setattr("pushers.outlet.hold", news)
    outlet = Outlet(CITY, None, Tokens(), 1)  # type: ignore[arg-type]  # nothing reads or writes
    nursery.start_soon(QuotaWatch(CITY, None, Tokens(), None, random.Random(1), parked=outlet.parked).run)  # type: ignore[arg-type]
    await trio.sleep(100)
    assert looks == [], "nothing is wrong"
    await outlet.hold("template", Verdict(kind="park", scope="api"), "", 36_000)
    await trio.sleep(1.15 * sum(SOON_SECONDS * SELDOMER**time for time in range(3)))
    assert len(looks) == 3
    assert 0.9 * SOON_SECONDS <= looks[0] - 100 <= 1.1 * SOON_SECONDS
    parked = False
    await trio.sleep(10 * SOON_SECONDS)
    assert len(looks) == 4
    await trio.sleep(0.8 * EVERY_SECONDS)
    assert len(looks) == 4, "it goes on, and there is no hurry any more"


async def test_a_stopped_account_stays_stopped(store, asked):
    await stop_account(store, "city", "errcode 48004", 36_000)
    await watch(store, asked, {"daily_limit": 1000, "used": 0, "remain": 1000}).look()
    assert (await granted(store))[1] == "stopped"


async def test_a_platform_that_does_not_tell_changes_nothing(store, asked):
    await park(store, "city", "custom", 36_000, "errcode 45009")
    await watch(store, asked, None).look()
    assert len(asked) == 2
    assert (await granted(store, "custom"))[1] == "parked"
    assert [ledger.told for ledger in (await read_quota(store, CITY, ())).ledgers] == [None]


async def test_one_process_asks_for_all(store):
    assert [await claim_watch(store, "city", 900) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'{"errcode":0,"quota":{"daily_limit":10,"used":"3","remain":7}}', PlatformCount(10, 3)),
        (b'{"errcode":0}', None),
        (b'{"errcode":0,"quota":[]}', None),
        (b'{"errcode":0,"quota":{"daily_limit":10,"used":-3}}', None),
        (b'{"errcode":0,"quota":{"daily_limit":%b,"used":3}}' % (b"9" * 30), None),
        (b'{"errcode":48001}', None),
        (b"<html>", None),
    ],
)
def test_answers(body, count):
    assert read_quota_answer(body) == count
