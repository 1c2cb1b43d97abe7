"""An unfinished push id is in exactly one place: a queue, the claims, or later. Whatever happens, in whatever order."""

from collections import Counter
from functools import partial

import pytest
import redis
import trio
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from msgspec import structs

from queues.attempt import Attempt
from queues.ids import shard_of_id
from queues.keys import ShardKeys, feed
from queues.pushes.appender import PushAppender
from queues.pushes.dead import replay_dead
from queues.pushes.jobs import cancel_push
from queues.pushes.settler import settle
from queues.pushes.sweeper import sweep
from queues.settings import StoreSettings
from queues.store import Store, open_store
from tests.queues.makers import outcome, push
from tests.queues.steps import take

SHARDS = 2
FINAL = {"delivered", "failed", "suppressed", "expired", "cancelled", "dead"}
ACCOUNTS = ("city", "uni")
APIS = ("template", "custom")


class PushLife(RuleBasedStateMachine):
    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.client = self.store.client
        self.client.flushall()
        self.ids: set[str] = set()
        self.claims: list = []  # every claim ever handed out, lost or not

    def on_store(self, work):
        """Run one step in the loop in which the store is open."""
        return trio.from_thread.run(work, self.store)

    @rule(
        account=st.sampled_from(ACCOUNTS),
        recipient=st.integers(0, 3),
        priority=st.sampled_from(["high", "normal", "bulk"]),
        key=st.sampled_from(["", "", "k1", "k2"]),
        send_at=st.sampled_from([0, 1, 4e9]),
        expire_at=st.sampled_from([0, 0, 1]),
        notify=st.booleans(),
    )
    def append(self, account, recipient, priority, key, send_at, expire_at, notify):
        new = push(
            f"oU{recipient}",
            account=account,
            priority=priority,
            key=key,
            send_at=send_at,
            expire_at=expire_at,
            notify=notify,
        )

        async def work(store):
            async with trio.open_nursery() as nursery:
                appender = PushAppender(store)
                await nursery.start(appender.run)
                accepted = await appender.append([new, new])
                nursery.cancel_scope.cancel()
            return accepted

        self.ids |= {accepted.id for accepted in self.on_store(work)}

    @rule(
        account=st.sampled_from(ACCOUNTS),
        api=st.sampled_from(APIS),
        shard=st.integers(0, SHARDS - 1),
        count=st.integers(1, 3),
        claim_seconds=st.sampled_from([0, 3600]),
    )
    def take(self, account, api, shard, count, claim_seconds):
        async def work(store):
            taken = await take(store, feed(account, api), {shard: count}, claim_seconds)
            self.claims += taken.claims

        self.on_store(work)

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(),
        kind=st.sampled_from(
            ["sent", "release", "later", "retry", "park", "move", "suppressed", "failed", "expired", "dead"]
        ),
        delay=st.sampled_from([0, 3600]),
        suppress=st.sampled_from(["", "recipient", "template"]),
        safe=st.sampled_from([None, 0, 600]),
    )
    def settle(self, data, kind, delay, suppress, safe):
        claim = data.draw(st.sampled_from(self.claims))
        settled = outcome(
            claim,
            kind,
            msgid="1",
            delay=delay,
            error="why",
            suppress=suppress if kind == "suppressed" else "",
            template="T" if kind == "suppressed" and suppress == "template" else "",
            attempt=Attempt(verdict=data.draw(st.sampled_from([kind, "unknown"]))),
            safe_seconds=safe,
            next_push=structs.replace(claim.push, channel="custom") if kind == "move" else None,
        )
        self.on_store(lambda store: settle(store, [settled, settled], 3600))

    @rule(
        shard=st.integers(0, SHARDS - 1), safe=st.sampled_from([{}, {"city:template": 0.0}, {"city:template": 600.0}])
    )
    def sweep(self, shard, safe):
        self.on_store(lambda store: sweep(store, shard, safe_seconds=safe))

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def cancel(self, data):
        push_id = data.draw(st.sampled_from(sorted(self.ids)))
        self.on_store(lambda store: cancel_push(store, push_id))

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def replay(self, data):
        push_id = data.draw(st.sampled_from(sorted(self.ids)))
        self.on_store(lambda store: replay_dead(store, [push_id, push_id], per_second=1000))

    @invariant()
    def every_unfinished_id_is_in_exactly_one_place(self):
        places: Counter[str] = Counter()
        held: Counter[str] = Counter()
        given_up: Counter[str] = Counter()
        for shard in range(SHARDS):
            keys = ShardKeys(shard)
            for queue in self.client.scan_iter(f"{keys.prefix}q:*"):
                places.update(push_id.decode() for push_id in self.client.lrange(queue, 0, -1))
            for key in (keys.claims, keys.later):
                held.update(push_id.decode() for push_id in self.client.zrange(key, 0, -1))
            given_up.update(push_id.decode() for push_id in self.client.zrange(keys.dead, 0, -1))
        for push_id in self.ids:
            state = self.client.hget(ShardKeys(shard_of_id(push_id)).job(push_id), "state")
            assert state is not None
            assert given_up[push_id] == (state == b"dead")
            if state.decode() in FINAL | {"sent"}:
                assert held[push_id] == 0
                # What ended in a queue leaves its id behind there, which is dropped when its turn comes.
                assert state in {b"cancelled", b"expired"} or places[push_id] == 0
            else:
                assert places[push_id] + held[push_id] == 1, state
        assert set(places + held + given_up) <= self.ids

    @invariant()
    def a_webhook_is_owed_for_every_end_of_a_push_that_asked_and_for_nothing_else(self):
        for shard in range(SHARDS):
            keys = ShardKeys(shard)
            owed = {tuple(hook.decode().split(" ")[:2]) for hook in self.client.zrange(keys.hooks("violations"), 0, -1)}
            for push_id in (each for each in self.ids if shard_of_id(each) == shard):
                flags, state = self.client.hmget(keys.job(push_id), "flags", "state")
                ended = state.decode() in FINAL and b"w" in (flags or b"")
                assert not ended or (push_id, state.decode()) in owed
            assert all(b"w" in self.client.hget(keys.job(push_id), "flags") for push_id, _ in owed)

    @invariant()
    def a_feed_has_work_exactly_where_a_queue_is_not_empty(self):
        for shard in range(SHARDS):
            keys = ShardKeys(shard)
            queues = {
                key.decode().removeprefix(f"{keys.prefix}q:") for key in self.client.scan_iter(f"{keys.prefix}q:*")
            }
            listed = {
                f"{each}:{rest.decode()}"
                for each in (feed(account, api) for account in ACCOUNTS for api in APIS)
                for rest in self.client.hkeys(keys.feed_work(each))
            }
            assert queues == listed
            feeds = {member.decode() for member in self.client.smembers(keys.work)}
            assert feeds == {queue.rsplit(":", 2)[0] for queue in queues}


@pytest.mark.filterwarnings("default::hypothesis.errors.HypothesisWarning")
async def test_an_unfinished_push_is_in_exactly_one_place(store_url):
    with redis.Redis.from_url(store_url) as client:
        client.flushall()
    chosen = settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    async with open_store(StoreSettings(url=store_url, shards=SHARDS)) as PushLife.store:
        await trio.to_thread.run_sync(partial(run_state_machine_as_test, PushLife, settings=chosen))
