"""One connection: the order of answers, refusals, handlers' bugs."""

import socket

import msgspec
import pytest
import trio
import trio.testing
from structlog.testing import capture_logs

from gateway.http.connection import MOST_IN_FLIGHT
from gateway.http.messages import Answer, Request, Response
from tests.gateway.http.conversation import BODY_LIMIT, get, post, served


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


async def test_a_handlers_bug_is_a_500_that_tells_the_client_nothing(autojump_clock):
    async def broken(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        raise RuntimeError("the inside of the server")

    with capture_logs() as logs:
        async with served(waiting=broken) as (peer, _):
            await peer.send(get("/pictures/whoever-has-this?openid=secret"))
            status, _, body = await peer.response()
            assert status == 500
            assert b"inside" not in body
    told = [(entry["event"], entry["method"], entry["path"]) for entry in logs]
    assert told == [("handler failed", "GET", "/pictures")]


async def test_a_response_that_cannot_be_encoded_is_a_bug_too(autojump_clock):
    async def broken(_request: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return Response(headers=((b"x", b"a\r\nb: c"),))

    with capture_logs() as logs:
        async with served(waiting=broken) as (peer, _):
            await peer.send(get())
            assert (await peer.response())[0] == 500
    assert len(logs) == 1


async def test_a_handler_that_fails_at_once_is_a_500_too(autojump_clock):
    def broken(_request: Request, _answer: Answer) -> None:
        raise RuntimeError("the inside of the server")

    with capture_logs() as logs:
        async with served(broken) as (peer, _):
            await peer.send(get() + get())
            assert [(await peer.response())[0] for _ in range(2)] == [500, 500]
    assert len(logs) == 2
