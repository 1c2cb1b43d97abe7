"""One connection: what its client may take its time for, and how much."""

import pytest
import trio
import trio.testing
from prometheus_client import REGISTRY

from gateway.http.connection import MOST_IN_FLIGHT
from gateway.http.messages import Answer, Request, Response
from gateway.http.unread_answers import MOST_BYTES, UnreadAnswers
from tests.gateway.http.conversation import LATE, TIMINGS, get, post, served


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


async def test_a_client_that_vanishes_takes_nothing_with_it(autojump_clock):
    async def slow(_request: Request) -> Response:
        await trio.sleep(1)
        return Response(body=b"x" * 1_000_000)

    async with served(waiting=slow) as (peer, _):
        await peer.send(get())
        await trio.testing.wait_all_tasks_blocked()
        peer.socket.close()


def large(_request: Request, answer: Answer) -> None:
    answer(Response(body=b"x" * 1_000_000))


def hung_up_on() -> float:
    return REGISTRY.get_sample_value("tidegate_connections_refused_total", {"reason": "slow_reader"}) or 0


async def test_a_client_that_reads_nothing_while_it_pipelines_is_not_read_either(autojump_clock):
    handled = 0

    def counted(request: Request, answer: Answer) -> None:
        nonlocal handled
        handled += 1
        large(request, answer)

    async with served(counted) as (peer, _):
        await peer.send(get() * 60)
        await trio.testing.wait_all_tasks_blocked()
        assert handled <= MOST_IN_FLIGHT
        for _ in range(60):
            assert len((await peer.response())[2]) == 1_000_000


async def test_what_clients_leave_lying_is_counted_until_they_take_it(autojump_clock):
    unread = UnreadAnswers()
    async with served(large, unread=unread) as (peer, _):
        await peer.send(get() * 3)
        await trio.testing.wait_all_tasks_blocked()
        assert 2_000_000 < unread.held <= 3_001_000
        for _ in range(3):
            await peer.response()
        await trio.testing.wait_all_tasks_blocked()
        assert unread.held == 0
        await peer.send(get() * 3)
    assert unread.held == 0


async def test_whoever_leaves_much_lying_when_all_leave_too_much_is_hung_up_on(autojump_clock):
    unread, before = UnreadAnswers(), hung_up_on()
    unread.held = MOST_BYTES
    async with served(large, unread=unread) as (peer, _):
        await peer.send(get())
        with pytest.raises(AssertionError, match="closed after"):
            await peer.response()
    assert (hung_up_on() - before, unread.held) == (1, MOST_BYTES)


async def test_whose_answers_are_small_bears_nothing_of_what_others_leave_lying(autojump_clock):
    unread = UnreadAnswers()
    unread.held = MOST_BYTES

    async def slow_at_first(request: Request) -> Response:
        await trio.sleep(request.path == "/first")
        return Response(body=b"ok")

    async with served(waiting=slow_at_first, unread=unread) as (peer, _):
        await peer.send(get("/first") + get() * 15)
        for _ in range(16):
            assert (await peer.response())[2] == b"ok"
