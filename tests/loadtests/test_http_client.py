import pytest
import trio

from loadtests.http_client import Answer, ConnectionLostError, HttpConnection, parse_target
from loadtests.platform.http_server import Reply

GET = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_answers_come_over_one_kept_connection(serving, monkeypatch):
    async with serving(lambda request: Reply(body=request.path)) as address:
        connection = HttpConnection(parse_target(address))
        with monkeypatch.context() as patched:
            opened = []
            open_stream = trio.open_tcp_stream
            patched.setattr(trio, "open_tcp_stream", lambda *where: opened.append(where) or open_stream(*where))
            assert [await connection.request(GET) for _ in range(3)] == [Answer(200, b"/hello")] * 3
        connection.close()
    assert len(opened) == 1


async def test_a_connection_the_other_side_will_close_is_not_used_again(serving):
    async with serving(lambda request: Reply(body=request.path)) as address:
        connection = HttpConnection(parse_target(address))
        assert await connection.request(GET[:-2] + b"Connection: close\r\n\r\n") == Answer(200, b"/hello")
        assert await connection.request(GET) == Answer(200, b"/hello")
        connection.close()


async def test_a_lost_connection_is_opened_again(serving):
    replies = iter([Reply(how="close"), Reply(body=b"back")])
    async with serving(lambda _: next(replies)) as address:
        connection = HttpConnection(parse_target(address))
        with pytest.raises(ConnectionLostError):
            await connection.request(GET)
        assert (await connection.request(GET)).body == b"back"
        connection.close()


async def test_nobody_there_is_a_lost_connection():
    with pytest.raises(ConnectionLostError, match="cannot connect"):
        await HttpConnection(parse_target("http://127.0.0.1:9")).request(GET)


async def test_a_large_request_arrives_whole(serving):
    async with serving(lambda request: Reply(body=b"%d" % len(request.body))) as address:
        connection = HttpConnection(parse_target(address))
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
        assert (await connection.request(head + b"x" * 1_000_000)).body == b"1000000"
        connection.close()


@pytest.mark.parametrize("url", ["https://x/", "x:80", "http://", "http://x/?a=1"])
def test_only_plain_addresses(url):
    with pytest.raises(ValueError, match="http://"):
        parse_target(url)


def test_an_addresss_parts():
    target = parse_target("http://127.0.0.1:8080/callback/a")
    assert (target.host, target.port, target.path) == ("127.0.0.1", 8080, "/callback/a")
