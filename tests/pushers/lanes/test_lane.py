"""Lanes over real loopback connections."""

from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest
import trio
import trio.testing

from pushers.lanes.lane import IDLE_SECONDS, Lane, StaleConnectionError, Timeouts, nothing_sent
from pushers.lanes.origin import Origin

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"

Script = Callable[[trio.SocketStream], Awaitable[None]]


class Server:
    """Runs one script a connection, in order; the last one for all that follow."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self.connections = 0
        self.received = b""
        self.lanes: list[Lane] = []

    async def lane(self, *scripts: Script) -> Lane:
        async def handle(stream: trio.SocketStream) -> None:
            script = scripts[min(self.connections, len(scripts) - 1)]
            self.connections += 1
            async with stream:
                await script(stream)

        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self._nursery.start_soon(trio.serve_listeners, handle, [listener])
        lane = Lane(Origin("http", "127.0.0.1", listener.socket.getsockname()[1]))
        self.lanes.append(lane)
        return lane

    def answering(self, *answers: bytes, then_close: bool = False) -> Script:
        """Answer each request with the next of these bytes."""

        async def script(stream: trio.SocketStream) -> None:
            for answer in answers:
                data = await stream.receive_some()
                self.received += data
                if not data:
                    return
                await stream.send_all(answer)
            if not then_close:
                await stream.receive_some()

        return script


@pytest.fixture
def server(nursery) -> Iterator[Server]:
    server = Server(nursery)
    yield server
    for lane in server.lanes:
        lane.close()


async def test_requests_follow_each_other_on_one_connection(server):
    lane = await server.lane(server.answering(OK, OK, OK))
    for _ in range(3):
        answer = await lane.exchange(REQUEST, Timeouts())
        assert (answer.status, answer.body) == (200, b"ok")
    assert server.connections == 1
    assert server.received == REQUEST * 3


async def test_a_connection_closed_after_its_answer_is_replaced(server):
    lane = await server.lane(server.answering(OK.replace(b"Length", b"Length: 2\r\nConnection: close\r\nX", 1)))
    for _ in range(2):
        assert (await lane.exchange(REQUEST, Timeouts())).body == b"ok"
    assert server.connections == 2


async def test_an_idle_connection_that_died_silently_is_replaced_before_anything_is_sent(server):
    lane = await server.lane(server.answering(OK, then_close=True), server.answering(OK))
    await lane.exchange(REQUEST, Timeouts())
    await trio.testing.wait_all_tasks_blocked()
    assert not lane.usable()
    assert (await lane.exchange(REQUEST, Timeouts())).body == b"ok"
    assert server.connections == 2


async def test_a_connection_that_says_something_unasked_is_replaced(server):
    answered, said = trio.Event(), trio.Event()

    async def late(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(OK)
        await answered.wait()
        await stream.send_all(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        said.set()

    lane = await server.lane(late, server.answering(OK))
    await lane.exchange(REQUEST, Timeouts())
    answered.set()
    await said.wait()
    assert (await lane.exchange(REQUEST, Timeouts())).status == 200
    assert server.connections == 2


async def test_a_connection_idle_for_long_is_replaced(server, autojump_clock):
    lane = await server.lane(server.answering(OK, OK))
    await lane.exchange(REQUEST, Timeouts())
    assert lane.usable()
    await trio.sleep(IDLE_SECONDS)
    assert not lane.usable()


async def test_no_answer_in_time_is_an_unknown_outcome_and_closes_the_connection(server, autojump_clock):
    async def silent(stream: trio.SocketStream) -> None:
        while await stream.receive_some():
            pass

    lane = await server.lane(silent)
    with pytest.raises(httpx.ReadTimeout) as caught:
        await lane.exchange(REQUEST, Timeouts(read=3.0))
    assert not nothing_sent(caught.value)
    assert not lane.usable()


async def test_an_answer_may_be_given_up_by_who_keeps_the_time(server):
    async def silent(stream: trio.SocketStream) -> None:
        while await stream.receive_some():
            pass

    lane = await server.lane(silent)
    async with trio.open_nursery() as nursery:

        async def ask() -> None:
            with pytest.raises(httpx.ReadTimeout) as caught:
                await lane.exchange(REQUEST, Timeouts(read=None))
            assert not nothing_sent(caught.value)

        nursery.start_soon(ask)
        while not server.connections:
            await trio.lowlevel.checkpoint()
        await trio.testing.wait_all_tasks_blocked()
        lane.give_up()
    assert not lane.usable()


async def test_a_request_that_is_not_taken_times_out(server, autojump_clock):
    async def deaf(_: trio.SocketStream) -> None:
        await trio.sleep_forever()

    lane = await server.lane(deaf)
    with pytest.raises(httpx.WriteTimeout) as caught:
        await lane.exchange(b"x" * 50_000_000, Timeouts(write=3.0))
    assert not nothing_sent(caught.value)


async def test_a_large_request_goes_out_whole(server):
    async def count(stream: trio.SocketStream) -> None:
        received = 0
        while received < 5_000_000:
            received += len(await stream.receive_some())
        await stream.send_all(OK)

    lane = await server.lane(count)
    assert (await lane.exchange(b"x" * 5_000_000, Timeouts())).body == b"ok"


async def test_a_connection_closed_instead_of_an_answer_is_an_unknown_outcome(server):
    async def hang_up(stream: trio.SocketStream) -> None:
        await stream.receive_some()

    lane = await server.lane(hang_up)
    with pytest.raises(httpx.RemoteProtocolError) as caught:
        await lane.exchange(REQUEST, Timeouts())
    assert not nothing_sent(caught.value)


async def test_an_answer_cut_short_is_an_unknown_outcome(server):
    lane = await server.lane(server.answering(OK[:-1], then_close=True))
    with pytest.raises(httpx.RemoteProtocolError, match="in the middle"):
        await lane.exchange(REQUEST, Timeouts())


async def test_nobody_listening_means_nothing_was_sent():
    with pytest.raises(httpx.ConnectError) as caught:
        await Lane(Origin("http", "127.0.0.1", 9)).exchange(REQUEST, Timeouts())
    assert nothing_sent(caught.value)


async def test_a_connection_that_is_not_made_in_time_means_nothing_was_sent(monkeypatch, autojump_clock):
    async def never(host: str, port: int) -> trio.SocketStream:
        await trio.sleep_forever()
        raise AssertionError

    monkeypatch.setattr(trio, "open_tcp_stream", never)
    with pytest.raises(httpx.ConnectTimeout) as caught:
        await Lane(Origin("http", "192.0.2.1", 80)).exchange(REQUEST, Timeouts(connect=2.0))
    assert nothing_sent(caught.value)


async def test_a_kept_connection_found_dead_by_the_first_byte_is_replaced(server, monkeypatch):
    lane = await server.lane(server.answering(OK, then_close=True), server.answering(OK))
    await lane.exchange(REQUEST, Timeouts())
    await trio.testing.wait_all_tasks_blocked()
    # The close arrives between the look and the write.
    monkeypatch.setattr("pushers.lanes.wire.PlainWire.is_readable", lambda _: False)
    monkeypatch.setattr("pushers.lanes.wire.PlainWire.send_now", _broken_once())
    assert (await lane.exchange(REQUEST, Timeouts())).body == b"ok"
    assert server.connections == 2


async def test_a_new_connection_found_dead_is_not_tried_for_ever(server, monkeypatch):
    lane = await server.lane(server.answering(OK))
    monkeypatch.setattr("pushers.lanes.wire.PlainWire.send_now", _broken_once())
    with pytest.raises(httpx.WriteError) as caught:
        await lane.exchange(REQUEST, Timeouts())
    assert not isinstance(caught.value, StaleConnectionError)


async def test_cancelling_in_the_middle_closes_the_connection(server):
    async def silent(stream: trio.SocketStream) -> None:
        while await stream.receive_some():
            pass

    lane = await server.lane(silent)
    await lane.connect(5)
    with trio.CancelScope() as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lane.ask, REQUEST, Timeouts())
            await trio.testing.wait_all_tasks_blocked()
            scope.cancel()
    assert not lane.usable()


async def test_asking_without_a_connection_sends_nothing():
    with pytest.raises(httpx.ConnectError):
        await Lane(Origin("http", "127.0.0.1", 1)).ask(REQUEST, Timeouts())


def _broken_once() -> Callable[[object, bytes], int]:
    from pushers.lanes.wire import PlainWire  # noqa: PLC0415 - the original, before it is replaced

    original, broken = PlainWire.send_now, iter([True])

    def send_now(wire: PlainWire, data: bytes) -> int:
        if next(broken, False):
            wire.sent_bytes = 0
            raise BrokenPipeError(32, "Broken pipe")
        return original(wire, data)

    return send_now  # type: ignore[return-value]
