"""Slow clients hold connections open, and says for how long they were let."""

import trio

from loadtests.generators.slow_clients import gather


async def test_it_opens_anew_what_was_closed_and_tells_the_longest(autojump_clock):
    async def close_after_three_seconds(stream: trio.SocketStream) -> None:
        await trio.sleep(3)

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, close_after_three_seconds, 0)
        address = listeners[0].socket.getsockname()[:2]
        held = await gather(("127.0.0.1", address[1]), silent=2, dripping=2, seconds=9)
        nursery.cancel_scope.cancel()
    assert held.opened == 8  # at 0 and at 5 seconds
    assert 3 <= held.longest <= 4
