import socket
from urllib.parse import urlsplit

import trio
from msgspec.structs import replace

from loadtests.platform.http_server import MAX_BODY, Reply, Request


async def connect(address):
    parts = urlsplit(address)
    return await trio.open_tcp_stream(parts.hostname, parts.port)


async def read_until(stream, end):
    received = b""
    while not received.endswith(end):
        data = await stream.receive_some()
        if not data:
            break
        received += data
    return received


async def test_the_headers_that_sign_a_webhook_are_kept_where_some_may_come_and_for_one_request_only(serving):
    kept = []

    def handler(request: Request) -> Reply:
        kept.append(dict(request.webhook))
        return Reply(body=b".")

    for signed in (True, False):
        async with serving(handler, signed=signed) as address, await connect(address) as stream:
            for field in (b"webhook-id: 1-A\r\n", b""):
                await stream.send_all(b"POST / HTTP/1.1\r\nHost: x\r\n%bContent-Length: 0\r\n\r\n" % field)
                await read_until(stream, b".")
    assert kept == [{b"webhook-id": b"1-A"}, {}, {}, {}]


async def test_a_request_is_answered_with_its_length(serving):
    asked = []

    def handler(request: Request) -> Reply:
        asked.append(request)
        return Reply(body=b"hello")

    async with serving(handler) as address, await connect(address) as stream:
        await stream.send_all(b"POST /path?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
        answer = await read_until(stream, b"hello")
    [request] = asked
    assert replace(request, arrived=0) == Request(b"POST", b"/path", b"a=1", b"body")
    assert answer == b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


async def test_a_request_says_when_it_arrived_once_the_kernel_notes_it(serving):
    arrived = []

    def handler(request: Request) -> Reply:
        arrived.append(request.arrived)
        return Reply(body=b"hello")

    async with serving(handler) as address, await connect(address) as stream:
        with trio.fail_after(20):
            while not arrived or not arrived[-1]:
                await stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                await read_until(stream, b"hello")
    assert arrived[-1] > 1.7e9


async def test_requests_in_any_chunking_on_one_connection(serving):
    request = b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serving(lambda request: Reply(body=request.path)) as address, await connect(address) as stream:
        for piece in (request[:5], request[5:20], request[20:] + request):
            await stream.send_all(piece)
        answer = await read_until(stream, b"/one")
        while answer.count(b"/one") < 2:
            answer += await stream.receive_some()
    assert answer.count(b"HTTP/1.1 200 OK") == 2


async def test_answers_keep_the_order_of_their_requests_whatever_their_delays(serving):
    delays = {b"/slow": 0.02, b"/quick": 0.0}
    async with serving(lambda r: Reply(body=r.path, delay=delays[r.path])) as address, await connect(address) as stream:
        await stream.send_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /quick HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await read_until(stream, b"/quick")
    assert answer.index(b"/slow") < answer.index(b"/quick")


async def test_a_large_answer_arrives_whole_though_the_peer_reads_late(serving):
    async with serving(lambda _: Reply(body=b"x" * 8_000_000 + b"end")) as address, await connect(address) as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await trio.testing.wait_all_tasks_blocked()
        answer = await read_until(stream, b"end")
    assert len(answer) > 8_000_000


async def test_a_close_comes_without_an_answer(serving):
    async with serving(lambda _: Reply(how="close")) as address, await connect(address) as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await stream.receive_some() == b""


async def test_a_connection_that_will_not_be_kept_is_closed_after_its_answer(serving):
    async with serving(lambda _: Reply(body=b"bye")) as address, await connect(address) as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await read_until(stream, b"never")).endswith(b"Connection: close\r\n\r\nbye")


async def test_what_is_not_http_ends_the_connection_and_no_other(serving):
    async with serving(lambda _: Reply(body=b"fine")) as address:
        async with await connect(address) as broken:
            await broken.send_all(b"\x16\x03\x01 nonsense\r\n\r\n")
            assert await broken.receive_some() == b""
        async with await connect(address) as stream:
            await stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await read_until(stream, b"fine")).endswith(b"fine")


async def test_a_body_over_the_bound_is_not_gathered(serving):
    handled = []
    async with serving(lambda request: handled.append(request) or Reply()) as address:
        stream = await connect(address)
        async with stream:
            head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1)
            try:
                await stream.send_all(head + b"x" * (MAX_BODY + 1))
                ended = await stream.receive_some() == b""
            except trio.BrokenResourceError:
                ended = True
    assert ended
    assert handled == []


async def test_a_peer_that_resets_harms_nobody(serving):
    async with serving(lambda _: Reply(body=b"fine", delay=0.01)) as address:
        stream = await connect(address)
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await stream.aclose()
        async with await connect(address) as other:
            await other.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await read_until(other, b"fine")).endswith(b"fine")


async def test_after_a_large_answer_the_connection_is_read_again(serving):
    large = b"x" * 5_000_000 + b"END"
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serving(lambda _request: Reply(body=large)) as address, await connect(address) as stream:
        for _ in range(3):
            await stream.send_all(request)
            assert len(await read_until(stream, b"END")) > len(large)


async def test_a_file_in_many_pieces_arrives_whole(serving):
    file = bytes(range(256)) * 20_000
    asked = []

    def handler(request: Request) -> Reply:
        asked.append(request.body)
        return Reply(body=b"END")

    async with serving(handler) as address, await connect(address) as stream:
        await stream.send_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(file) + file)
        await read_until(stream, b"END")
    assert asked == [file]
