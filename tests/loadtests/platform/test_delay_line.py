import trio

from loadtests.platform.delay_line import DelayLine


async def test_calls_come_in_order_of_their_time(autojump_clock):
    delays, called = DelayLine(), []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(delays.run)
        start = trio.current_time()
        for due in (3, 1, 2):
            delays.call_at(start + due, lambda due=due: called.append((due, trio.current_time() - start)))
        await trio.sleep(5)
        nursery.cancel_scope.cancel()
    assert called == [(1, 1), (2, 2), (3, 3)]


async def test_a_nearer_call_wakes_the_line_that_sleeps_for_a_later_one(autojump_clock):
    delays, called = DelayLine(), []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(delays.run)
        start = trio.current_time()
        delays.call_at(start + 10, lambda: called.append("late"))
        await trio.sleep(1)
        delays.call_at(start + 2, lambda: called.append("early"))
        await trio.sleep(2)
        assert called == ["early"]
        assert len(delays) == 1
        nursery.cancel_scope.cancel()


async def test_a_call_may_add_another(autojump_clock):
    delays, called = DelayLine(), []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(delays.run)
        delays.call_at(0, lambda: delays.call_at(0, lambda: called.append("second")))
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert called == ["second"]
