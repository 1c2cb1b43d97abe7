"""A store that is reached over TLS: the loop's own connections work over it as over a plain one."""

from contextlib import suppress

import pytest
import redis
import trio

from gateway.http.tls import make_context
from queues.connection.connector import connect
from queues.connection.hotline import Hotline
from queues.scripts import Call
from tests.gateway.http.certificates import make_certificate


@pytest.fixture
async def client(store_url, tmp_path, nursery) -> redis.Redis:
    """Of the store behind one that ends TLS for it: the embedded server is built without."""
    certificate = make_certificate(tmp_path).settings

    async def passed_on(outside: trio.abc.Stream) -> None:
        inside = await trio.open_unix_socket(store_url.removeprefix("unix://"))
        async with outside, inside, trio.open_nursery() as pumps:
            pumps.start_soon(pump, outside, inside, pumps.cancel_scope)
            pumps.start_soon(pump, inside, outside, pumps.cancel_scope)

    [plain] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    listener = trio.SSLListener(plain, make_context(certificate), https_compatible=True)
    await nursery.start(trio.serve_listeners, passed_on, [listener])
    place = f"127.0.0.1:{plain.socket.getsockname()[1]}"
    with connect(f"rediss://{place}?ssl_ca_certs={certificate.certificate}&ssl_check_hostname=false") as client:
        yield client
    nursery.cancel_scope.cancel()


async def pump(source: trio.abc.ReceiveStream, sink: trio.abc.SendStream, both: trio.CancelScope) -> None:
    """Until either side hangs up."""
    with suppress(trio.BrokenResourceError):
        async for data in source:
            await sink.send_all(data)
    both.cancel()


@pytest.mark.parametrize("size", [1, 100_000, 8_000_000])
async def test_a_batch_of_any_size_is_sent_and_answered(client, size):
    hotline = Hotline(client, 30.0, transacts=True)
    value = b"x" * size
    for _ in range(2):  # behind the first handshake come tickets, which are no answer
        assert await hotline.run([Call(None, (), ("ECHO", value)), Call(None, (), ("ECHO", "b"))]) == [value, b"b"]
