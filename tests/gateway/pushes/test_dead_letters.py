"""`/v1/dead` as upstreams and operators see it, over a real store."""

import json
from functools import partial

import pytest
import trio

from gateway.authorization import Keyring
from gateway.pushes.dead_letters import REPLAY_SECONDS, DeadLetters
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.errors import StoreUnavailableError
from queues.keys import feed
from queues.pushes.appender import PushAppender
from queues.pushes.dead import list_dead, replay_dead, replay_matching
from queues.pushes.jobs import read_statuses
from queues.pushes.settler import settle
from tests.gateway.fakes import request
from tests.queues.makers import outcome, push
from tests.queues.steps import take

UPSTREAMS = [
    Upstream(name="fines", key=UpstreamKey("k-fines")),
    Upstream(name="taxes", key=UpstreamKey("k-taxes"), accounts=("city",)),
    Upstream(name="desk", key=UpstreamKey("k-desk"), operator=True),
]


@pytest.fixture
def letters(store):
    return DeadLetters(
        Keyring(UPSTREAMS),
        page=partial(list_dead, store),
        look=partial(read_statuses, store),
        replay_ids=partial(replay_dead, store),
        replay_page=partial(replay_matching, store),
    )


@pytest.fixture
async def given_up(store, nursery):
    """Two dead pushes of fines, one of taxes; their ids."""
    appender = PushAppender(store)
    await nursery.start(appender.run)
    ids = []
    for upstream, account, error in (
        ("fines", "city", "errcode 47003: bad"),
        ("fines", "uni", "HTTP 503"),
        ("taxes", "city", "errcode 47003: bad"),
    ):
        [accepted] = await appender.append([push(account=account, upstream=upstream)])
        ids.append(accepted.id)
        for shard in range(store.shards):
            for claim in (await take(store, feed(account, "template"), {shard: 1}, 10)).claims:
                await settle(store, [outcome(claim, "dead", error=error)], 60)
    return ids


def key(name):
    return {b"authorization": b"Bearer k-" + name.encode()}


async def listed(letters, query="", upstream="fines"):
    answer = await letters.show(request("GET", "/v1/dead", query=query.encode(), headers=key(upstream)))
    assert (answer.status, answer.content_type) == (200, "application/json")
    return json.loads(answer.body)


async def replayed(letters, body, upstream="fines"):
    encoded = json.dumps(body).encode()
    answer = await letters.replay(request("POST", "/v1/dead/replay", encoded, headers=key(upstream)))
    assert (answer.status, answer.content_type) == (200, "application/json")
    return json.loads(answer.body)


async def test_an_upstream_sees_its_own_and_why(letters, given_up):
    answer = await listed(letters)
    assert {shown["id"] for shown in answer["pushes"]} == set(given_up[:2])
    assert answer["next"] == ""
    last = answer["pushes"][0]
    assert (last["state"], last["error"], last["account"]) == ("dead", "HTTP 503", "uni")
    assert "oUSER0" not in json.dumps(answer)


async def test_an_operator_sees_all(letters, given_up):
    assert {shown["id"] for shown in (await listed(letters, upstream="desk"))["pushes"]} == set(given_up)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("account=uni", 1),
        ("error=47003", 1),
        ("error=HTTP+503", 1),
        ("error=40001", 0),
        ("after=2026-05-01T08:00:00%2B08:00", 2),
        ("before=2020-05-01T08:00:00+08:00", 0),  # a sign that nobody escaped
        ("before=2020-05-01T08:00:00Z", 0),
        ("limit=1", 1),
    ],
)
async def test_filters(letters, given_up, query, count):
    assert len((await listed(letters, query))["pushes"]) == count


async def test_a_page_leads_to_the_next(letters, given_up):
    first = await listed(letters, "limit=1")
    second = await listed(letters, f"limit=5&cursor={first['next']}")
    assert {shown["id"] for shown in first["pushes"] + second["pushes"]} == set(given_up[:2])


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("acount=uni", "acount: unknown field; did you mean 'account'?"),
        ("limit=0", "limit: expected int >= 1; give 1 to 500"),
        ("limit=" + "9" * 5_000, "limit: expected int, got str; give 1 to 500"),
        ("after=yesterday", "after: invalid RFC3339 encoded datetime; give RFC 3339"),
        ("account=a&account=b", "the query has a name twice"),
        ("account", "the query is malformed"),
        ("account=%FF", "the query is malformed"),
        ("cursor=x", "not the next of an earlier page"),
    ],
)
async def test_a_question_that_is_not_understood(letters, query, detail):
    answer = await letters.show(request("GET", "/v1/dead", query=query.encode(), headers=key("fines")))
    assert answer.status == 400
    assert json.loads(answer.body)["detail"].startswith(detail)


async def test_an_account_that_is_not_its_own_is_not_told_of(letters, given_up):
    for account in ("uni", "nowhere"):
        answer = await letters.show(
            request("GET", "/v1/dead", query=f"account={account}".encode(), headers=key("taxes"))
        )
        assert answer.status == 400
        assert json.loads(answer.body)["detail"] == "account: not an account this upstream may use"


async def test_replay_by_id_takes_only_ones_own_and_only_once(letters, given_up):
    asked = {"ids": [*given_up, "nonsense"]}
    assert await replayed(letters, asked) == {"replayed": 2, "next": ""}
    assert await replayed(letters, asked) == {"replayed": 0, "next": ""}
    assert [shown["id"] for shown in (await listed(letters, upstream="desk"))["pushes"]] == given_up[2:]


async def test_replay_by_filter(letters, given_up):
    assert (await replayed(letters, {"error": "47003"}))["replayed"] == 1
    assert [shown["id"] for shown in (await listed(letters))["pushes"]] == [given_up[1]]


async def test_replay_all(letters, given_up):
    assert (await replayed(letters, {"all": True, "per_second": 500}, "desk"))["replayed"] == 3
    assert (await listed(letters, upstream="desk"))["pushes"] == []


async def test_a_replay_that_takes_long_says_where_to_go_on(autojump_clock):
    async def slow_page(wanted, cursor, *, per_second):
        await trio.sleep(REPLAY_SECONDS * 0.4)
        return 500, f"1-{cursor}x"

    letters = DeadLetters(Keyring(UPSTREAMS), page=None, look=None, replay_ids=None, replay_page=slow_page)
    assert await replayed(letters, {"all": True}) == {"replayed": 1500, "next": "1-1-1-xxx"}


@pytest.mark.parametrize(
    "body",
    ['{"ids": ["a"], "all": true}', "{}", '{"all": false}', '{"all": 1}', '{"ids": 1}', "[", "\xff", '{"id": []}'],
)
async def test_a_replay_says_exactly_which(letters, body):
    answer = await letters.replay(request("POST", "/v1/dead/replay", body.encode("latin-1"), headers=key("fines")))
    assert (answer.status, answer.content_type) == (400, "application/problem+json")


async def test_nobody_else_is_answered(letters):
    for handler in (letters.show, letters.replay):
        assert (await handler(request("GET", "/v1/dead"))).status == 401


async def test_a_store_that_is_away():
    async def gone(*_, **__):
        raise StoreUnavailableError("gone")

    letters = DeadLetters(Keyring(UPSTREAMS), page=gone, look=gone, replay_ids=gone, replay_page=gone)
    assert (await letters.show(request("GET", "/v1/dead", headers=key("fines")))).status == 503
    for body in (b'{"all": true}', b'{"ids": []}'):
        assert (await letters.replay(request("POST", "/v1/dead/replay", body, headers=key("fines")))).status == 503
