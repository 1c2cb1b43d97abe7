"""Whose turn it is."""

import trio
from trio.testing import wait_all_tasks_blocked

from gateway.pushes.upstream_turns import AT_ONCE, UpstreamTurns


class Requests:
    """Requests of one upstream; each stays in work until it is let go."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._turns = UpstreamTurns()
        self.begun: list[str] = []
        self.scopes: dict[str, trio.CancelScope] = {}

    async def send(self, name: str, pushes: int) -> None:
        self._nursery.start_soon(self._run, name, pushes)
        await wait_all_tasks_blocked()

    async def end(self, name: str) -> None:
        self.scopes[name].cancel()
        await wait_all_tasks_blocked()

    async def _run(self, name: str, pushes: int) -> None:
        with trio.CancelScope() as scope:
            self.scopes[name] = scope
            async with self._turns.turn(pushes):
                self.begun.append(name)
                await trio.sleep_forever()


async def test_two_usual_batches_are_in_work_and_the_next_waits_its_turn(nursery):
    requests = Requests(nursery)
    for name in "abcd":
        await requests.send(name, AT_ONCE // 2)
    assert requests.begun == ["a", "b"]
    await requests.end("a")
    assert requests.begun == ["a", "b", "c"]
    await requests.end("b")
    assert requests.begun == ["a", "b", "c", "d"]
    nursery.cancel_scope.cancel()


async def test_small_requests_do_not_wait_for_one_another(nursery):
    requests = Requests(nursery)
    for number in range(200):
        await requests.send(str(number), 1)
    assert len(requests.begun) == 200
    nursery.cancel_scope.cancel()


async def test_one_beyond_the_bound_goes_alone_and_those_after_it_in_their_order(nursery):
    requests = Requests(nursery)
    await requests.send("large", 10_000)
    for name in "abc":
        await requests.send(name, 1)
    assert requests.begun == ["large"]
    await requests.end("large")
    assert requests.begun == ["large", "a", "b", "c"]
    nursery.cancel_scope.cancel()


async def test_who_leaves_while_waiting_holds_nobody_up(nursery):
    requests = Requests(nursery)
    await requests.send("large", AT_ONCE)
    await requests.send("a", 1)
    await requests.send("b", 1)
    await requests.end("a")
    await requests.end("large")
    assert requests.begun == ["large", "b"]
    nursery.cancel_scope.cancel()
