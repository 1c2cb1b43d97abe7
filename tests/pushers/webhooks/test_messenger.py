"""Webhooks out of a real store to a real HTTP receiver."""

import json
import random

import httpx
import pytest
import trio
from prometheus_client import REGISTRY

from pushers.webhooks.messenger import Messenger, WebhookTarget
from queues.events.reader import read_events
from queues.events.settler import settle_events
from queues.keys import feed
from queues.push import PushStatus
from queues.pushes.appender import PushAppender
from queues.pushes.dead import replay_dead
from queues.pushes.jobs import cancel_push
from queues.pushes.settler import settle
from queues.pushes.sweeper import sweep
from queues.pushes.webhooks import Hook, take_hooks
from queues.secret import Secret
from tests.pushers.makers import claim
from tests.pushers.webhooks.receiver import SECRET, Receiver
from tests.queues.makers import FEED, NOW, event, outcome, push
from tests.queues.steps import take
from tests.queues.waiting_appender import WaitingAppender

UPSTREAM = "violations"


class Bench:
    def __init__(self, store, appender, receiver):
        self.store, self.appender, self.receiver = store, appender, receiver
        self.shard = store.shard_of("city", "oUSER0")

    def messenger(self, url=""):
        target = WebhookTarget(upstream=UPSTREAM, url=url or self.receiver.url, secret=Secret(SECRET))
        return Messenger(target, self.store, random.Random(1))

    async def end(self, kind, *, notify=True, channel="template", **said):
        """A push that ends like this; its id."""
        [accepted] = await self.appender.append([push(notify=notify, channel=channel)])
        claims = (await take(self.store, feed("city", channel), {self.shard: 10}, 10)).claims
        await settle(self.store, [outcome(claim, kind, **said) for claim in claims], 60)
        return accepted.id

    async def owed(self):
        """How many webhooks the store keeps, due or not."""
        await trio.lowlevel.checkpoint()
        return self.store.client.zcard(self.store.keys[self.shard].hooks(UPSTREAM))


@pytest.fixture
async def bench(store, nursery):
    appender, receiver = PushAppender(store), Receiver()
    await nursery.start(appender.run)
    await nursery.start(receiver.serve)
    return Bench(store, appender, receiver)


@pytest.fixture
def hurry(monkeypatch):
    """Three tries, one right after another."""
    monkeypatch.setattr("pushers.webhooks.messenger.pause_before_next", lambda tries, _: 0.001 if tries < 2 else None)
    monkeypatch.setattr("pushers.webhooks.messenger.rest", lambda *_: 0.0)


def given_up() -> float:
    return REGISTRY.get_sample_value("tidegate_webhooks_total", {"upstream": UPSTREAM, "result": "given_up"}) or 0


async def test_an_upstream_is_told_how_a_push_ended(bench, nursery):
    push_id = await bench.end("dead", error="errcode 47003: bad")
    nursery.start_soon(bench.messenger().run)
    await bench.receiver.until(1)
    [(headers, body)] = bench.receiver.received
    told = json.loads(body)
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"].startswith(f"{push_id}.dead.")
    assert (told["type"], told["timestamp"]) == ("push.dead", told["data"]["finished_at"])
    data = told["data"]
    assert (data["id"], data["state"], data["error"], data["attempts"]) == (push_id, "dead", "errcode 47003: bad", 1)
    assert "oUSER0" not in body.decode()


async def test_those_of_pushes_that_are_not_kept_any_more_are_dropped_and_keep_none_waiting(bench, nursery):
    """However many an endpoint gathers that is down for longer than pushes are kept: it is asked seldom, too."""
    keys, client = bench.store.keys[bench.shard], bench.store.client
    before = given_up()
    *gone, _kept = [await bench.end("dead") for _ in range(30)]
    client.hset(keys.hook_tries(UPSTREAM), client.zrange(keys.hooks(UPSTREAM), 0, 0)[0], 3)
    client.delete(*[keys.job(push_id) for push_id in gone])
    client.zadd(keys.hooks(UPSTREAM), {"hello": 0})
    nursery.start_soon(bench.messenger().run)
    await bench.receiver.until(1)
    assert given_up() - before == 30
    assert await bench.owed() <= 1, "the one that is being told, if it is not settled yet"
    assert client.hlen(keys.hook_tries(UPSTREAM)) == 0


async def test_a_push_that_did_not_ask_is_not_told_of(bench):
    await bench.end("dead", notify=False)
    assert await bench.owed() == 0


@pytest.mark.parametrize("state", ["cancelled", "expired", "suppressed", "failed"])
async def test_every_final_state_is_told(bench, nursery, state):
    if state == "cancelled":
        [accepted] = await bench.appender.append([push(notify=True)])
        await cancel_push(bench.store, accepted.id)
    else:
        await bench.end(state)
    nursery.start_soon(bench.messenger().run)
    await bench.receiver.until(1)
    assert bench.receiver.told == [f"push.{state}"]


async def test_a_receipt_and_a_claim_that_was_lost_end_a_push_too(bench, nursery):
    await bench.end("sent", msgid="7")
    assert await bench.owed() == 0, "sent is not the end where a receipt follows"
    events = WaitingAppender(bench.store)
    await nursery.start(events.run)
    await events.append(event(1, recipient="oUSER0", name="templatesendjobfinish", msgid="7", status="success"))
    await settle_events(bench.store, bench.shard, await read_events(bench.store, bench.shard, "me", 10))
    await bench.appender.append([push(notify=True)])
    await take(bench.store, FEED, {bench.shard: 1}, 0)
    await sweep(bench.store, bench.shard, safe_seconds={FEED: 0})
    nursery.start_soon(bench.messenger().run)
    await bench.receiver.until(2)
    assert sorted(bench.receiver.told) == ["push.delivered", "push.failed"]


async def test_where_no_receipt_follows_sent_is_the_end(bench, nursery):
    await bench.end("sent", receipt_follows=False)
    nursery.start_soon(bench.messenger().run)
    await bench.receiver.until(1)
    assert bench.receiver.told == ["push.sent"]


async def test_a_push_that_is_replayed_and_ends_again_is_told_of_again(bench, nursery):
    messenger = bench.messenger()
    nursery.start_soon(messenger.run)
    push_id = await bench.end("dead")
    messenger.wake()
    await bench.receiver.until(1)
    await replay_dead(bench.store, [push_id], per_second=1000)
    await cancel_push(bench.store, push_id)
    messenger.wake()
    await bench.receiver.until(2)
    assert bench.receiver.told == ["push.dead", "push.cancelled"]


async def test_what_was_not_taken_is_told_again_as_the_same_message(bench, nursery, hurry):
    bench.receiver.statuses = [500, 302]
    await bench.end("dead")
    nursery.start_soon(bench.messenger().run)
    await bench.receiver.until(3)
    assert len({(headers["webhook-id"], body) for headers, body in bench.receiver.received}) == 1
    while await bench.owed():
        pass


@pytest.mark.parametrize("answers", [[410], [500, 404, 500]])
async def test_it_ends_when_the_endpoint_wants_no_more_or_has_had_its_chances(bench, nursery, hurry, answers):
    bench.receiver.statuses = list(answers)
    await bench.end("dead")
    nursery.start_soon(bench.messenger().run)
    while await bench.owed():
        pass
    assert len(bench.receiver.received) == len(answers)


async def test_an_endpoint_that_is_down_is_soon_left_alone_and_all_is_kept(bench, nursery, monkeypatch):
    for _ in range(20):
        await bench.end("dead")
    rested = []
    monkeypatch.setattr("pushers.webhooks.messenger.rest", lambda failures, _rng: rested.append(failures) or 3600.0)
    nursery.start_soon(bench.messenger("http://127.0.0.1:9/").run)
    while not rested:
        await trio.lowlevel.checkpoint()
    assert rested[0] <= 2, "no more than a first round was lost on it"
    assert await bench.owed() == 20


async def test_a_try_has_one_deadline_whatever_of_it_is_slow(autojump_clock):
    async def never(_request):
        await trio.sleep_forever()

    dead = PushStatus(
        push=claim().push, state="dead", attempts=1, msgid="", error="", due_at=0, sent_at=0, finished_at=NOW
    )
    target = WebhookTarget(upstream=UPSTREAM, url="http://fines.test/hooks", secret=Secret(SECRET))
    messenger = Messenger(target, None, random.Random(1))  # nothing of the store is asked
    client = httpx.AsyncClient(transport=httpx.MockTransport(never))
    began = trio.current_time()
    assert await messenger._post(client, Hook(dead.push.id, "dead", 0, 0), dead) == "no answer in 10 s"
    assert trio.current_time() - began == 10


async def test_what_a_dead_process_had_claimed_is_told_by_another(bench, nursery):
    await bench.end("dead")
    assert len((await take_hooks(bench.store, UPSTREAM, 5, 0.001)).hooks) == 1
    nursery.start_soon(bench.messenger().run)
    await bench.receiver.until(1)


async def test_what_another_process_has_claimed_is_left_to_it(bench):
    await bench.end("dead")
    assert len((await take_hooks(bench.store, UPSTREAM, 5, 60)).hooks) == 1
    taken = await take_hooks(bench.store, UPSTREAM, 5, 60)
    assert taken.hooks == []
    assert 0 < taken.next_due_seconds <= 60


async def test_a_job_that_owes_a_webhook_outlives_its_tries(bench):
    push_id = await bench.end("dead")
    assert bench.store.client.ttl(bench.store.keys[bench.shard].job(push_id)) > 2 * 86_400 - 60
