"""The proxy's faults, over loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from loadtests.stand.tcp_proxy import WELL, Link, TcpProxy


@asynccontextmanager
async def through_proxy() -> AsyncIterator[tuple[TcpProxy, trio.SocketStream]]:
    """A client's stream through a proxy to a server that echoes, and says `bye` when its client is done."""

    async def echo(stream: trio.SocketStream) -> None:
        try:
            async for data in stream:
                await stream.send_all(data)
            await stream.send_all(b"bye")
        except trio.BrokenResourceError:
            pass
        finally:
            await stream.aclose()

    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            listeners = await nursery.start(trio.serve_tcp, echo, 0)
            proxy = TcpProxy("127.0.0.1", listeners[0].socket.getsockname()[1])
            await nursery.start(proxy.run)
            async with await trio.open_tcp_stream("127.0.0.1", proxy.port) as stream:
                yield proxy, stream
            nursery.cancel_scope.cancel()


async def echoed(stream: trio.SocketStream, data: bytes) -> bytes:
    await stream.send_all(data)
    return bytes(await stream.receive_some())


async def test_a_good_link_passes_everything_on():
    async with through_proxy() as (proxy, stream):
        assert await echoed(stream, b"hello") == b"hello"
        await stream.send_eof()
        assert await stream.receive_some() == b"bye"
        assert await stream.receive_some() == b""
        assert proxy.accepted == 1


async def test_latency_is_added_in_both_directions(autojump_clock):
    async with through_proxy() as (proxy, stream):
        proxy.set(Link(latency_seconds=1))
        began = trio.current_time()
        assert await echoed(stream, b"x") == b"x"
        assert trio.current_time() - began >= 2


async def test_bandwidth_is_a_bound_for_each_direction(autojump_clock):
    async with through_proxy() as (proxy, stream):
        proxy.set(Link(bytes_per_second=1_000))
        began = trio.current_time()
        await stream.send_all(bytes(2_000))
        received = 0
        while received < 2_000:
            received += len(await stream.receive_some())
        assert trio.current_time() - began >= 2


async def test_a_blackhole_holds_what_is_sent_until_the_link_is_well_again():
    async with through_proxy() as (proxy, stream):
        proxy.set(Link(blackhole=True))
        await stream.send_all(b"x")
        async with trio.open_nursery() as nursery:
            received: list[bytes] = []

            async def receive() -> None:
                received.append(bytes(await stream.receive_some()))

            nursery.start_soon(receive)
            await trio.testing.wait_all_tasks_blocked(0.05)
            assert not received
            proxy.set(WELL)
        assert received == [b"x"]


async def test_a_reset_breaks_open_connections_and_new_ones_work():
    async with through_proxy() as (proxy, stream):
        assert await echoed(stream, b"x") == b"x"
        assert proxy.reset() == 2
        with pytest.raises(trio.BrokenResourceError):
            await stream.receive_some()
        async with await trio.open_tcp_stream("127.0.0.1", proxy.port) as again:
            assert await echoed(again, b"y") == b"y"


async def test_a_link_may_refuse_new_connections():
    async with through_proxy() as (proxy, stream):
        proxy.set(Link(refuse=True))
        async with await trio.open_tcp_stream("127.0.0.1", proxy.port) as refused:
            with pytest.raises(trio.BrokenResourceError):
                await refused.receive_some()
        assert await echoed(stream, b"x") == b"x"


async def test_a_slow_close_is_learned_of_late(autojump_clock):
    async with through_proxy() as (proxy, stream):
        proxy.set(Link(close_seconds=3))
        began = trio.current_time()
        await stream.send_eof()
        assert await stream.receive_some() == b"bye"
        assert trio.current_time() - began >= 3


async def test_an_upstream_that_is_gone_resets_its_clients():
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            proxy = TcpProxy("127.0.0.1", 9)
            await nursery.start(proxy.run)
            async with await trio.open_tcp_stream("127.0.0.1", proxy.port) as stream:
                with pytest.raises(trio.BrokenResourceError):
                    await stream.receive_some()
            nursery.cancel_scope.cancel()
