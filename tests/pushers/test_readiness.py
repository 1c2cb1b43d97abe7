import trio
import trio.testing

from pushers.readiness import Readiness


async def test_a_mark_wakes_the_feeder_of_its_account_only(nursery):
    readiness = Readiness(["city", "metro"])
    woken = []

    async def wait(account: str) -> None:
        await readiness.changed(account)
        woken.append(account)

    nursery.start_soon(wait, "city")
    nursery.start_soon(wait, "metro")
    await trio.testing.wait_all_tasks_blocked()
    readiness.mark("city", 2)
    await trio.testing.wait_all_tasks_blocked()
    assert woken == ["city"]
    nursery.cancel_scope.cancel()


def test_marked_shards_are_ready():
    readiness = Readiness(["city"])
    readiness.mark("city", 1)
    readiness.mark("city", 3)
    assert sorted(readiness.ready("city")) == [1, 3]


def test_an_emptied_shard_is_cleared_unless_it_was_marked_meanwhile():
    readiness = Readiness(["city"])
    readiness.mark("city", 1)
    before = readiness.ready("city")[1]
    readiness.mark("city", 1)
    readiness.clear("city", 1, before)
    assert sorted(readiness.ready("city")) == [1]
    readiness.clear("city", 1, readiness.ready("city")[1])
    assert readiness.ready("city") == {}


def test_accounts_that_others_serve_are_ignored():
    readiness = Readiness(["city"])
    readiness.mark("other", 1)
    assert readiness.ready("city") == {}


async def test_a_feed_is_busy_while_any_of_its_shards_is_ready():
    readiness = Readiness(["a", "b"])
    for name, shard in (("a", 0), ("a", 1), ("b", 0), ("a", 0)):
        readiness.mark(name, shard)
    assert readiness.busy == 2
    readiness.clear("a", 1, readiness.ready("a")[1])
    assert readiness.busy == 2
    for name in ("a", "b"):
        readiness.clear(name, 0, readiness.ready(name)[0])
    assert readiness.busy == 0
