"""One connection in a drain: nothing that began is cut off."""

import trio
import trio.testing

from gateway.http.messages import Request, Response
from tests.gateway.http.conversation import LATE, TIMINGS, get, post, served


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
