"""httpx over lanes, against a real loopback server."""

import gzip
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
import trio
import trio.testing

from pushers.lanes.transport import LaneTransport


class Recorder:
    """Answers every request with `answer` and keeps what came."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.ended = 0
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        self.hold = False
        self._going_on = trio.Event()

    def go_on(self) -> None:
        """Answer what is held."""
        self.hold = False
        self._going_on.set()
        self._going_on = trio.Event()

    async def handle(self, stream: trio.SocketStream) -> None:
        self.connections += 1
        async with stream:
            async for data in stream:
                self.requests.append(bytes(data))
                if self.hold:
                    await self._going_on.wait()
                await stream.send_all(self.answer)
        self.ended += 1


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def client(recorder, nursery) -> AsyncIterator[httpx.AsyncClient]:
    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    nursery.start_soon(trio.serve_listeners, recorder.handle, [listener])
    base = f"http://127.0.0.1:{listener.socket.getsockname()[1]}"
    async with httpx.AsyncClient(transport=LaneTransport(lanes=2), base_url=base, trust_env=False) as client:
        yield client


async def test_a_request_arrives_whole_and_its_answer_comes_back(client, recorder):
    response = await client.post("/cgi-bin/x?a=b%20c", content=b'{"a":1}', headers={"Content-Type": "application/json"})
    assert (response.status_code, response.text) == (200, "ok")
    head, _, body = recorder.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /cgi-bin/x?a=b%20c HTTP/1.1\r\n")
    assert b"\r\nHost: 127.0.0.1:" in head
    assert b"\r\nContent-Length: 7" in head
    assert body == b'{"a":1}'


async def test_connections_are_kept(client, recorder):
    for _ in range(5):
        await client.get("/")
    assert recorder.connections == 1


async def test_a_streamed_body_goes_with_its_length(client, recorder):
    async def parts() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"cd"

    await client.post("/", content=parts())
    assert b"Content-Length: 4\r\n" in recorder.requests[0]
    assert b"hunked" not in recorder.requests[0]


async def test_nothing_is_unpacked_as_its_size_is_not_known_before(client, recorder):
    body = gzip.compress(bytes(10_000_000))
    recorder.answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    assert (await client.get("/")).content == body
    assert b"\r\nAccept-Encoding: identity\r\n" in recorder.requests[0]
    assert b"gzip" not in recorder.requests[0]


async def test_nothing_that_an_answer_sets_is_kept_or_sent_back(client, recorder):
    recorder.answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nok"
    for _ in range(2):
        await client.get("/")
    assert not client.cookies
    assert b"ookie" not in recorder.requests[1]


async def test_head_has_no_body_to_wait_for(client, recorder):
    response = await client.head("/")
    assert (response.status_code, response.content) == (200, b"")


async def test_when_every_lane_is_busy_a_request_waits_no_longer_than_it_may(client, recorder, autojump_clock):
    recorder.hold = True
    async with trio.open_nursery() as nursery:
        for _ in range(2):
            nursery.start_soon(lambda: client.get("/", timeout=None))
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(httpx.PoolTimeout):
            await client.get("/", timeout=3.0)
        nursery.cancel_scope.cancel()


async def test_connections_to_all_origins_together_are_bounded(client, recorder, nursery):
    [listener] = await nursery.start(partial(trio.serve_tcp, recorder.handle, 0, host="127.0.0.1"))
    elsewhere = f"http://127.0.0.1:{listener.socket.getsockname()[1]}/"
    for url in ("/", elsewhere):
        recorder.hold = True
        async with trio.open_nursery() as asking:
            for _ in range(2):
                asking.start_soon(partial(client.get, url, timeout=None))
            await trio.testing.wait_all_tasks_blocked(0.01)
            assert recorder.connections - recorder.ended == 2
            recorder.go_on()


async def test_silence_is_a_read_timeout(client, recorder, autojump_clock):
    recorder.hold = True
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/", timeout=3.0)


async def test_other_schemes_are_refused(client):
    with pytest.raises(httpx.UnsupportedProtocol):
        await client.get("ftp://127.0.0.1/")
