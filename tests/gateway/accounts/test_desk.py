"""An account's quotas as an operator sees them, and what an operator can end; over a real store."""

import json
from functools import partial

import pytest

from gateway.accounts.desk import AccountDesk
from gateway.authorization import Keyring
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account, ApiLimit, TemplateLimit
from queues.errors import StoreUnavailableError
from queues.limits.holds import hold, park, resume, stop_account, template_field
from queues.limits.quota import Quota, note_told, read_quota
from queues.limits.rate import LeaseRequest, lease
from queues.pushes.template_rate import ask_seats
from tests.gateway.fakes import request

OWN = {"T": TemplateLimit(per_day=2), "U": TemplateLimit(per_second=5)}
CITY = Account(name="city", app_id="wx1", limits={"template": ApiLimit(per_day=1000, templates=OWN)})
UPSTREAMS = [
    Upstream(name="fines", key=UpstreamKey("k-fines")),
    Upstream(name="desk", key=UpstreamKey("k-desk"), operator=True),
    Upstream(name="other", key=UpstreamKey("k-other"), operator=True, accounts=("uni",)),
]


@pytest.fixture
def desk(store):
    return AccountDesk(
        Keyring(UPSTREAMS),
        [CITY],
        ["template", "custom"],
        look=partial(read_quota, store),
        resume=partial(resume, store),
    )


def asked(key: str = "k-desk", method: str = "GET", body: bytes = b""):
    return request(method, "/v1/accounts/city/quota", body, headers={b"authorization": f"Bearer {key}".encode()})


async def test_a_days_ledger_says_what_is_spent_and_what_is_kept(store, desk):
    await lease(store, LeaseRequest(account="city", api="template", limit=CITY.limit("template"), wanted=30))
    request = LeaseRequest(account="city", api="template", limit=CITY.limit("template"), wanted=0, ordinary=20)
    await lease(store, request)
    answer = json.loads((await desk.quota(asked(), "city")).body)
    [template] = answer["apis"]
    told = {name: template[name] for name in ("api", "limit", "spent", "spent_high", "reserved", "left")}
    assert told == {"api": "template", "limit": 1000, "spent": 30, "spent_high": 10, "reserved": 200, "left": 970}
    assert answer["resets_at"].endswith("T00:00:00+08:00")
    assert answer["held"] == []


@pytest.mark.parametrize(("spent", "ordinary", "parked"), [(900, 800, True), (1000, 100, True), (900, 799, False)])
async def test_a_day_used_up_parks_ordinary_pushes_until_it_turns(store, desk, spent, ordinary, parked):
    limit = ApiLimit(per_day=1000)  # of which a fifth is kept for high priority
    await lease(store, LeaseRequest(account="city", api="template", limit=limit, wanted=spent, ordinary=ordinary))
    answer = json.loads((await desk.quota(asked(), "city")).body)
    [template] = answer["apis"]
    assert template["parked_until"] == (answer["resets_at"] if parked else None)


async def test_what_was_spent_is_shown_where_there_is_no_limit_too(store, desk):
    await lease(store, LeaseRequest(account="city", api="custom", limit=ApiLimit(), wanted=7))
    [custom, _template] = json.loads((await desk.quota(asked(), "city")).body)["apis"]
    told = {name: custom[name] for name in ("api", "limit", "spent", "left", "parked_until")}
    assert told == {"api": "custom", "limit": 0, "spent": 7, "left": None, "parked_until": None}


async def test_a_limited_template_shows_its_own_day(store, desk):
    await ask_seats(store, "city", "template", OWN, {"T": 3}, None)
    [template] = json.loads((await desk.quota(asked(), "city")).body)["apis"]
    assert template["templates"] == [
        {"template": "T", "limit": 2, "spent": 2, "left": 0},
        {"template": "U", "limit": 0, "spent": 0, "left": None},
    ]


async def test_what_rests_is_shown_with_its_reason(store, desk):
    await park(store, "city", "template", 600, "errcode 45009: reach max api daily quota limit")
    await hold(store, "city", template_field("template", "T"), "stopped", "errcode 43116", 300)
    answer = json.loads((await desk.quota(asked(), "city")).body)
    assert answer["apis"][0]["parked_until"] is not None
    assert {(each["scope"], each["name"], each["kind"], each["reason"]) for each in answer["held"]} == {
        ("api", "template", "parked", "errcode 45009: reach max api daily quota limit"),
        ("template", "T", "stopped", "errcode 43116"),
    }


async def test_the_platforms_own_count_stands_beside_ours_and_lifts_it(store, desk):
    assert await note_told(store, "city", "template", limit=100_000, used=40) == 40
    assert await note_told(store, "city", "template", limit=100_000, used=35) == 0
    [template] = json.loads((await desk.quota(asked(), "city")).body)["apis"]
    assert template["spent"] == 40
    assert (template["platform"]["limit"], template["platform"]["used"]) == (100_000, 35)


async def test_an_operator_ends_what_rests(store, desk):
    await park(store, "city", "template", 600)
    await stop_account(store, "city", "errcode 40164", 600)
    first = await desk.resume(asked(method="POST", body=b'{"api": "template"}'), "city")
    assert json.loads(first.body) == {"resumed": 1}
    second = await desk.resume(asked(method="POST"), "city")
    assert json.loads(second.body) == {"resumed": 1}


@pytest.mark.parametrize(
    ("key", "account", "status"),
    [("wrong", "city", 401), ("k-fines", "city", 403), ("k-other", "city", 404), ("k-desk", "x", 404)],
)
async def test_only_operators_ask_and_only_about_their_accounts(desk, key, account, status):
    assert (await desk.quota(asked(key), account)).status == status
    assert (await desk.resume(asked(key, "POST"), account)).status == status


async def test_a_store_that_is_away_is_503():
    async def away(*_: object) -> Quota:
        raise StoreUnavailableError("quota")

    desk = AccountDesk(Keyring(UPSTREAMS), [CITY], (), look=away, resume=away)
    assert (await desk.quota(asked(), "city")).status == 503
    assert (await desk.resume(asked(method="POST"), "city")).status == 503


@pytest.mark.parametrize("body", [b'{"apis": 1}', b'{"api": 1}', b"{", b'{"api": "\xff"}'])
async def test_nonsense_is_400(desk, body):
    assert (await desk.resume(asked(method="POST", body=body), "city")).status == 400
