"""The listener over real loopback sockets: addresses, the connection limit, exhaustion, drains."""

import errno
import socket
from functools import partial

import pytest
import trio
import trio.testing
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gateway.http.listener import Acceptor
from gateway.http.messages import Request, Response
from gateway.http.outbox import Outbox
from gateway.http.poller import Poller
from gateway.http.refusal_log import RefusalLog
from gateway.http.response_encoder import ResponseEncoder
from gateway.http.service import Service, Timings
from gateway.settings import ServerSettings
from tests.gateway.http.real_server import GET, bound, ended, in_tasks, ok, serve, served


async def ask(stream: trio.SocketStream) -> bytes:
    await stream.send_all(GET)
    return bytes(await stream.receive_some())


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_waits_in_a_shared_sockets_queue_outlives_the_process_that_accepted_from_it():
    with socket.create_server(("127.0.0.1", 0)) as shared:
        async with trio.open_nursery() as nursery:
            first, second = trio.Event(), trio.Event()
            await nursery.start(serve, ok, ServerSettings(), first, shared.dup())
            first.set()
            await trio.testing.wait_all_tasks_blocked()
            async with await trio.open_tcp_stream(*shared.getsockname()) as stream:
                await stream.send_all(GET)
                await nursery.start(serve, ok, ServerSettings(), second, shared.dup())
                assert (await stream.receive_some()).endswith(b"ok")
            second.set()


async def test_many_connections_at_once():
    answers: list[bytes] = []

    async def client(address: tuple[str, int]) -> None:
        async with await trio.open_tcp_stream(*address) as stream:
            answers.extend([await ask(stream) for _ in range(3)])

    async with served() as (address, _):
        async with trio.open_nursery() as nursery:
            for _ in range(100):
                nursery.start_soon(client, address)
        assert len(answers) == 300
        assert all(answer.endswith(b"ok") for answer in answers)


async def test_open_connections_are_counted():
    before = metric("tidegate_connections")
    async with served() as (address, _), await trio.open_tcp_stream(*address) as stream:
        await ask(stream)
        assert metric("tidegate_connections") == before + 1
    assert metric("tidegate_connections") == before


async def test_connections_over_the_limit_are_closed_at_once_and_counted():
    refused = metric("tidegate_connections_refused_total", reason="max_connections")
    one = ServerSettings(max_connections=1)
    async with served(settings=one) as (address, _), await trio.open_tcp_stream(*address) as first:
        await ask(first)
        async with await trio.open_tcp_stream(*address) as second:
            assert await ended(second)
        assert metric("tidegate_connections_refused_total", reason="max_connections") == refused + 1
        assert (await ask(first)).endswith(b"ok")


async def test_a_refused_request_is_counted_by_reason():
    refused = metric("tidegate_connections_refused_total", reason="too_large")
    async with served() as (address, _), await trio.open_tcp_stream(*address) as stream:
        await stream.send_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
        assert b" 413 " in await stream.receive_some()
    assert metric("tidegate_connections_refused_total", reason="too_large") == refused + 1


async def test_one_handlers_bug_leaves_the_other_connections_alone():
    async def sometimes(request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        if request.path == "/bug":
            raise RuntimeError
        return Response(body=b"ok")

    async with (
        served(sometimes) as (address, _),
        await trio.open_tcp_stream(*address) as good,
        await trio.open_tcp_stream(*address) as bad,
    ):
        with capture_logs() as logs:
            await bad.send_all(GET.replace(b"/ ", b"/bug "))
            assert b" 500 " in await bad.receive_some()
        assert (await ask(good)).endswith(b"ok")
        assert len(logs) == 1


class Failing:
    """A listening socket whose next accepts fail with these errors."""

    def __init__(self, listener: socket.socket, errors: list[int]) -> None:
        self._listener = listener
        self.errors = errors

    def fileno(self) -> int:
        return self._listener.fileno()

    def accept(self) -> tuple[socket.socket, object]:
        if self.errors:
            number = self.errors.pop(0)
            raise OSError(number, "made up")
        return self._listener.accept()


def acceptor(listener: Failing, nursery: trio.Nursery) -> Acceptor:
    outbox = Outbox()
    service = Service(
        handler=in_tasks(ok, nursery, outbox),
        body_limit=lambda _head: 0,
        encoder=ResponseEncoder(lambda: 0.0),
        timings=Timings(),
        outbox=outbox,
        refusals=RefusalLog("request refused", "result"),
    )
    poller = Poller(service)
    nursery.start_soon(poller.run)
    return Acceptor(listener, poller, max_connections=10, backlog=8)  # type: ignore[arg-type]  # what it uses of a socket


@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.ENOBUFS])
async def test_accepting_goes_on_after_errors_that_pass(error: int, autojump_clock):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(acceptor(Failing(listener, [error, error]), nursery).run)
            with capture_logs() as logs:
                async with await trio.open_tcp_stream(*listener.getsockname()) as stream:
                    assert (await ask(stream)).endswith(b"ok")
            said = [] if error == errno.ECONNABORTED else ["cannot accept for now", "accepting again"]
            assert [line["event"] for line in logs] == said, "one line a change"
            nursery.cancel_scope.cancel()


async def test_an_error_of_the_port_itself_is_not_hidden():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        async with trio.open_nursery() as nursery:
            failing = acceptor(Failing(listener, [errno.EBADF]), nursery)
            async with await trio.open_tcp_stream(*listener.getsockname()):
                with pytest.raises(OSError, match="made up"):
                    await failing.run()
            nursery.cancel_scope.cancel()


async def test_a_drain_finishes_what_is_in_flight_and_refuses_what_is_new(autojump_clock):
    arrived = trio.Event()
    go_on = trio.Event()

    async def waiting(request: Request) -> Response:
        if request.path == "/slow":
            arrived.set()
            await go_on.wait()
        return Response(body=b"done")

    async with (
        served(waiting) as (address, drain),
        await trio.open_tcp_stream(*address) as stream,
        await trio.open_tcp_stream(*address) as idle,
    ):
        await ask(idle)
        await stream.send_all(GET.replace(b"/ ", b"/slow "))
        await arrived.wait()
        drain.set()
        assert await ended(idle)
        with pytest.raises(OSError, match="all attempts to connect"):
            await trio.open_tcp_stream(*address)
        go_on.set()
        answer = await stream.receive_some()
        assert b"connection: close\r\n" in answer
        assert answer.endswith(b"done")
        assert await ended(stream)


async def test_a_drain_serves_what_the_kernel_has_accepted():
    async with served() as (address, drain):
        # Both before the server's task can run: the connection is in the kernel's queue when the drain begins.
        client = socket.create_connection(address)
        client.sendall(GET)
        drain.set()
        client.setblocking(False)
        async with trio.SocketStream(trio.socket.from_stdlib_socket(client)) as stream:
            assert (await stream.receive_some()).endswith(b"ok")


async def test_a_drain_takes_no_longer_than_it_may(autojump_clock):
    async def stuck(_request: Request) -> Response:
        await trio.sleep_forever()
        raise AssertionError

    started = 0.0
    async with served(stuck, ServerSettings(drain_seconds=3)) as (address, drain):
        stream = await trio.open_tcp_stream(*address)
        await stream.send_all(GET)
        await trio.testing.wait_all_tasks_blocked()
        started = trio.current_time()
        drain.set()
    async with stream:
        assert await ended(stream)
    assert trio.current_time() - started == pytest.approx(3, abs=0.3)


async def test_a_drain_without_connections_ends_at_once(autojump_clock):
    async with served() as (_, drain):
        drain.set()
    assert trio.current_time() < 0.01


async def test_the_port_is_free_after_a_drain():
    async with served() as (address, _):
        pass
    with socket.socket() as taker:
        taker.bind(address)


async def test_dates_come_from_the_clock_that_was_given(nursery):
    drain, listener = trio.Event(), bound()
    await nursery.start(partial(serve, ok, ServerSettings(), drain, listener, wall_clock=lambda: 784_111_777.0))
    async with await trio.open_tcp_stream(*listener.getsockname()) as stream:
        assert b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" in await ask(stream)
    drain.set()
