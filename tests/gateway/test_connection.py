"""One connection over a socket pair: order, deadlines, bad clients, bad handlers, drains. Time is trio's mock clock."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import pytest
import trio
import trio.testing
from structlog.testing import capture_logs

from gateway.connection import MOST_IN_FLIGHT, Service, Timings
from gateway.messages import Answer, Handler, Request, Response
from gateway.outbox import Outbox
from gateway.poller import Poller
from gateway.refusal_log import RefusalLog
from gateway.request_tasks import RequestTasks
from gateway.response_encoder import ResponseEncoder
from gateway.timekeeper import TICK_SECONDS, keep_time

TIMINGS = Timings(request_seconds=5, idle_seconds=75, write_seconds=30, linger_seconds=2, drain_seconds=0.5)
LATE = TICK_SECONDS + 0.01  # a deadline is met up to a tick late
BODY_LIMIT = 1_000_000


def get(path: str = "/", fields: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: a\r\n%b\r\n" % (path.encode(), fields)


def post(body: bytes, fields: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), fields, body)


def echo(request: Request, answer: Answer) -> None:
    answer(Response(body=request.path.encode() + b" " + request.body))


class Peer:
    """The client's end; reads whole responses."""

    def __init__(self, sock: socket.socket) -> None:
        self.stdlib_socket = sock
        self.socket = trio.socket.from_stdlib_socket(sock)
        self._unread = b""

    async def send(self, data: bytes) -> None:
        while data:
            data = data[await self.socket.send(data) :]

    async def response(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._unread:
            await self._more()
        raw, _, self._unread = self._unread.partition(b"\r\n\r\n")
        line, *lines = raw.decode().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines)
        length = 0 if head else int(fields.get("content-length", "0"))
        while len(self._unread) < length:
            await self._more()
        body, self._unread = self._unread[:length], self._unread[length:]
        return int(line.split(" ")[1]), fields, body

    async def closed(self) -> bool:
        """Whether the stream ends here, once it says something."""
        return not self._unread and await self.socket.recv(1) == b""

    async def _more(self) -> None:
        data = await self.socket.recv(65_536)
        assert data, f"closed after {self._unread!r}"
        self._unread += data


Waiting = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def served(
    handler: Handler = echo, *, waiting: Waiting | None = None, timings: Timings = TIMINGS
) -> AsyncIterator[tuple[Peer, Callable[[], None]]]:
    """A connection being served, and what begins its drain; ended (at the latest) by the client's close.

    Requests are answered by `handler`, or by `waiting` in tasks of their own.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    peer = Peer(theirs)
    with trio.fail_after(1000):
        async with trio.open_nursery() as nursery:
            outbox = Outbox()
            tasks = RequestTasks(nursery, outbox)

            def start(request: Request, answer: Answer) -> None:
                assert waiting
                tasks.start(partial(waiting, request), request, answer)

            service = Service(
                handler=start if waiting else handler,
                body_limit=lambda _head: BODY_LIMIT,
                encoder=ResponseEncoder(lambda: 0.0),
                timings=timings,
                outbox=outbox,
                refusals=RefusalLog("request refused", "result"),
            )
            poller = Poller(service)
            nursery.start_soon(poller.run)
            nursery.start_soon(keep_time, poller.connections, outbox.flush)
            poller.adopt(ours)
            [connection] = poller.connections
            yield peer, lambda: connection.drain(trio.current_time())
            peer.socket.close()
            await poller.drain()
            nursery.cancel_scope.cancel()
    assert ours.fileno() == -1


async def test_requests_are_answered_one_after_another():
    async with served() as (peer, _):
        for path in ("/a", "/b"):
            await peer.send(get(path))
            status, fields, body = await peer.response()
            assert (status, body) == (200, path.encode() + b" ")
            assert "connection" not in fields
            assert fields["date"] == "Thu, 01 Jan 1970 00:00:00 GMT"


async def test_a_request_may_come_in_any_pieces():
    async with served() as (peer, _):
        for byte in post(b"hello"):
            await peer.send(bytes([byte]))
            await trio.testing.wait_all_tasks_blocked()
        assert (await peer.response())[2] == b"/ hello"


async def test_a_large_body(autojump_clock):
    body = b"x" * BODY_LIMIT
    async with served() as (peer, _), trio.open_nursery() as nursery:
        nursery.start_soon(peer.send, post(body))
        assert (await peer.response())[2] == b"/ " + body


async def test_pipelined_requests_are_answered_in_order_and_in_one_write():
    async with served() as (peer, _):
        await peer.send(b"".join(get(f"/{n}") for n in range(MOST_IN_FLIGHT)))
        received = await peer.socket.recv(65_536)
        at = [received.index(b"/%d " % n) for n in range(MOST_IN_FLIGHT)]
        assert at == sorted(at)


async def test_however_many_are_pipelined_only_so_many_are_in_flight(autojump_clock):
    in_flight = most = 0

    async def slow(request: Request) -> Response:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        await trio.sleep(1)
        in_flight -= 1
        return Response(body=request.path.encode())

    async with served(waiting=slow) as (peer, _):
        for n in range(100):
            await peer.send(get(f"/{n}"))
        assert [(await peer.response())[2] for _ in range(100)] == [b"/%d" % n for n in range(100)]
    assert most == MOST_IN_FLIGHT


async def test_answers_are_sent_in_the_order_of_the_requests_whichever_is_there_first(autojump_clock):
    async def backwards(request: Request) -> Response:
        await trio.sleep(10 - int(request.path[1:]))
        return Response(body=request.path.encode())

    async with served(waiting=backwards) as (peer, _):
        await peer.send(get("/1") + get("/2") + get("/3"))
        assert [(await peer.response())[2] for _ in range(3)] == [b"/1", b"/2", b"/3"]


async def test_an_answer_is_not_held_back_for_a_slow_one_behind_it(autojump_clock):
    async def slow(request: Request) -> Response:
        await trio.sleep(int(request.path[1:]))
        return Response(body=request.path.encode())

    async with served(waiting=slow) as (peer, _):
        await peer.send(get("/1") + get("/50") + get("/100"))
        assert (await peer.response())[2] == b"/1"
        assert trio.current_time() < 50
        assert [(await peer.response())[2] for _ in range(2)] == [b"/50", b"/100"]


async def test_answers_held_back_are_bounded():
    async def large(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(body=b"x" * 100_000)

    async with served(waiting=large) as (peer, _):
        await peer.send(get() * 20)
        for _ in range(20):
            assert len((await peer.response())[2]) == 100_000


async def test_head_is_answered_without_the_body():
    async with served() as (peer, _):
        await peer.send(b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + get("/b"))
        assert (await peer.response(head=True))[1]["content-length"] == "3"
        assert (await peer.response())[2] == b"/b "


async def test_expect_100_continue(autojump_clock):
    async with served() as (peer, _):
        whole = post(b"hello", b"Expect: 100-continue\r\n")
        await peer.send(whole[:-5])
        assert (await peer.response())[0] == 100
        await peer.send(b"hello")
        assert (await peer.response())[2] == b"/ hello"


@pytest.mark.parametrize("request_bytes", [get(fields=b"Connection: close\r\n"), b"GET / HTTP/1.0\r\n\r\n"])
async def test_closes_when_the_client_wants_it(request_bytes, autojump_clock):
    async with served() as (peer, _):
        await peer.send(request_bytes)
        assert (await peer.response())[1]["connection"] == "close"
        assert await peer.closed()


async def test_a_half_closed_client_still_gets_its_answers(autojump_clock):
    async with served() as (peer, _):
        await peer.send(get("/1") + get("/2"))
        peer.socket.shutdown(socket.SHUT_WR)
        assert (await peer.response())[2] == b"/1 "
        assert (await peer.response())[2] == b"/2 "
        assert await peer.closed()


async def test_a_request_that_ends_before_its_end(autojump_clock):
    async with served() as (peer, _):
        await peer.send(post(b"hello")[:-1])
        peer.socket.shutdown(socket.SHUT_WR)
        assert (await peer.response())[0] == 400
        assert await peer.closed()


async def test_a_refusal_comes_after_the_answers_before_it_and_closes(autojump_clock):
    async with served() as (peer, _):
        await peer.send(get("/1") + b"GET / HTTP/9.9\r\n\r\n" + get("/2"))
        assert (await peer.response())[2] == b"/1 "
        status, fields, body = await peer.response()
        assert status == 505
        assert fields["connection"] == "close"
        assert fields["content-type"] == "application/problem+json"
        assert msgspec.json.decode(body) == {
            "type": "about:blank",
            "title": "HTTP Version Not Supported",
            "status": 505,
            "detail": "the version is not HTTP/1.1 or HTTP/1.0",
        }
        assert await peer.closed()


async def test_a_client_that_sends_before_it_reads_still_gets_its_413(autojump_clock):
    async with served() as (peer, _):
        await peer.send(post(b"x" * (BODY_LIMIT + 1)))
        assert (await peer.response())[0] == 413


async def test_a_client_that_never_stops_sending_is_dropped(autojump_clock):
    async with served() as (peer, _):
        await peer.send(b"\0")
        assert (await peer.response())[0] == 400
        with pytest.raises(OSError, match="Broken pipe"):  # noqa: PT012  # whichever send meets the closed socket
            while True:
                await peer.send(b"x" * 65_536)
        assert trio.current_time() <= TIMINGS.linger_seconds + LATE


async def test_a_client_that_stays_after_our_close_is_dropped(autojump_clock):
    async with served() as (peer, _):
        await peer.send(b"\0")
        assert (await peer.response())[0] == 400
        await trio.sleep(TIMINGS.linger_seconds + LATE)
        with pytest.raises(BrokenPipeError):
            await peer.send(b"x")


async def test_a_request_has_one_deadline_from_its_first_byte_to_its_last(autojump_clock):
    async with served() as (peer, _):
        await trio.sleep(1)
        started = trio.current_time()
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def trickle() -> None:
                for byte in post(b"x" * 100):
                    await peer.send(bytes([byte]))
                    await trio.sleep(0.1)

            assert (await peer.response())[0] == 408
            nursery.cancel_scope.cancel()
        assert TIMINGS.request_seconds <= trio.current_time() - started <= TIMINGS.request_seconds + LATE
        assert await peer.closed()


async def test_the_deadline_is_each_requests_own(autojump_clock):
    async with served() as (peer, _):
        for _ in range(3):
            whole = post(b"hello")
            await peer.send(whole[:-1])
            await trio.sleep(4)
            await peer.send(whole[-1:] + whole[:3])  # the next one begins in the same bytes
            assert (await peer.response())[0] == 200
            await trio.sleep(4)
            await peer.send(whole[3:])
            assert (await peer.response())[0] == 200


async def test_a_new_connection_that_says_nothing_is_closed_without_a_word(autojump_clock):
    async with served() as (peer, _):
        assert await peer.closed()
        assert TIMINGS.request_seconds <= trio.current_time() <= TIMINGS.request_seconds + LATE


async def test_an_idle_connection_is_kept_longer_then_closed_without_a_word(autojump_clock):
    async with served() as (peer, _):
        for _ in range(2):
            await peer.send(get())
            await peer.response()
            await trio.sleep(TIMINGS.idle_seconds - 1)
        await peer.send(get())
        await peer.response()
        started = trio.current_time()
        assert await peer.closed()
        assert TIMINGS.idle_seconds <= trio.current_time() - started <= TIMINGS.idle_seconds + LATE


async def test_a_handler_is_not_cut_off_by_the_clients_deadlines(autojump_clock):
    async def slow(_request: Request) -> Response:
        await trio.sleep(200)
        return Response(body=b"at last")

    async with served(waiting=slow) as (peer, _):
        await peer.send(get())
        assert (await peer.response())[2] == b"at last"
        await peer.send(get())
        assert (await peer.response())[2] == b"at last"


async def test_a_client_that_does_not_read_is_dropped(autojump_clock):
    async def large(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(body=b"x" * 10_000_000)

    async with served(waiting=large) as (peer, _):
        await peer.send(get())
        await trio.sleep(TIMINGS.write_seconds + LATE)
        with pytest.raises(BrokenPipeError):
            await peer.send(get())


async def test_a_slow_reader_within_the_deadline_gets_everything(autojump_clock):
    async def large(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(body=b"x" * 3_000_000)

    async with served(waiting=large) as (peer, _):
        await peer.send(get())
        await trio.sleep(TIMINGS.write_seconds - 1)
        assert len((await peer.response())[2]) == 3_000_000
        await peer.send(get())
        assert len((await peer.response())[2]) == 3_000_000


async def test_a_handlers_bug_is_a_500_that_tells_the_client_nothing(autojump_clock):
    async def broken(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        raise RuntimeError("the inside of the server")

    with capture_logs() as logs:
        async with served(waiting=broken) as (peer, _):
            await peer.send(get("/x?openid=secret"))
            status, _, body = await peer.response()
            assert status == 500
            assert b"inside" not in body
    assert [(entry["event"], entry["method"], entry["path"]) for entry in logs] == [("handler failed", "GET", "/x")]


async def test_a_response_that_cannot_be_encoded_is_a_bug_too(autojump_clock):
    async def broken(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(headers=((b"x", b"a\r\nb: c"),))

    with capture_logs() as logs:
        async with served(waiting=broken) as (peer, _):
            await peer.send(get())
            assert (await peer.response())[0] == 500
    assert len(logs) == 1


async def test_a_drain_answers_the_next_request_of_a_connection_in_use_and_closes_it_then(autojump_clock):
    async with served() as (peer, drain):
        await peer.send(get())
        await peer.response()
        await trio.testing.wait_all_tasks_blocked()
        drain()
        await trio.sleep(TIMINGS.drain_seconds / 2)
        await peer.send(get("/next"))
        status, fields, body = await peer.response()
        assert (status, fields["connection"], body) == (200, "close", b"/next ")
        assert await peer.closed()


async def test_a_drain_closes_a_connection_that_stays_idle_soon(autojump_clock):
    async with served() as (peer, drain):
        await peer.send(get())
        await peer.response()
        await trio.testing.wait_all_tasks_blocked()
        drain()
        assert await peer.closed()
        assert trio.current_time() <= TIMINGS.drain_seconds + LATE


async def test_a_drain_answers_what_arrived_in_the_same_moment(autojump_clock):
    async with served() as (peer, drain):
        await peer.send(get())
        await peer.response()
        await trio.testing.wait_all_tasks_blocked()
        peer.stdlib_socket.send(get("/last"))  # without giving the server a turn
        drain()
        status, fields, body = await peer.response()
        assert (status, fields["connection"], body) == (200, "close", b"/last ")
        assert await peer.closed()


async def test_a_drain_lets_a_handler_finish_and_answers_with_close(autojump_clock):
    async def slow(_request: Request) -> Response:
        await trio.sleep(1)
        return Response(body=b"done")

    async with served(waiting=slow) as (peer, drain):
        await peer.send(get())
        await trio.testing.wait_all_tasks_blocked()
        drain()
        _, fields, body = await peer.response()
        assert (fields["connection"], body) == ("close", b"done")
        assert await peer.closed()


async def test_a_drain_waits_for_the_rest_of_a_request(autojump_clock):
    async with served() as (peer, drain):
        whole = post(b"hello")
        await peer.send(whole[:20])
        await trio.testing.wait_all_tasks_blocked()
        drain()
        await trio.sleep(2)
        await peer.send(whole[20:])
        _, fields, body = await peer.response()
        assert (fields["connection"], body) == ("close", b"/ hello")


async def test_a_drain_gives_a_new_connection_a_moment_for_its_first_request(autojump_clock):
    async with served() as (peer, drain):
        drain()
        await trio.sleep(TIMINGS.drain_seconds / 2)
        await peer.send(get("/first"))
        assert (await peer.response())[2] == b"/first "
        assert await peer.closed()


async def test_a_drain_gives_a_silent_new_connection_no_more_than_that(autojump_clock):
    async with served() as (peer, drain):
        drain()
        assert await peer.closed()
        assert trio.current_time() <= TIMINGS.drain_seconds + LATE


async def test_a_client_that_vanishes_takes_nothing_with_it(autojump_clock):
    async def slow(_request: Request) -> Response:
        await trio.sleep(1)
        return Response(body=b"x" * 1_000_000)

    async with served(waiting=slow) as (peer, _):
        await peer.send(get())
        await trio.testing.wait_all_tasks_blocked()
        peer.socket.close()


async def test_a_drain_does_not_cut_off_an_answer_being_written(autojump_clock):
    async def large(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(body=b"x" * 3_000_000)

    async with served(waiting=large) as (peer, drain):
        await peer.send(get())
        await trio.testing.wait_all_tasks_blocked()
        drain()
        await trio.sleep(1)
        assert len((await peer.response())[2]) == 3_000_000
        assert await peer.closed()


async def test_a_handler_that_fails_at_once_is_a_500_too(autojump_clock):
    def broken(_request: Request, _answer: Answer) -> None:
        raise RuntimeError("the inside of the server")

    with capture_logs() as logs:
        async with served(broken) as (peer, _):
            await peer.send(get() + get())
            assert [(await peer.response())[0] for _ in range(2)] == [500, 500]
    assert len(logs) == 2


async def test_a_client_that_reads_nothing_while_it_pipelines_is_not_read_either(autojump_clock):
    handled = 0

    def large(_request: Request, answer: Answer) -> None:
        nonlocal handled
        handled += 1
        answer(Response(body=b"x" * 1_000_000))

    async with served(large) as (peer, _):
        await peer.send(get() * 60)
        await trio.testing.wait_all_tasks_blocked()
        assert handled <= MOST_IN_FLIGHT
        for _ in range(60):
            assert len((await peer.response())[2]) == 1_000_000
