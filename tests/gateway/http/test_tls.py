"""TLS over real loopback sockets: what works without it works with it, and strangers to it do no harm."""

import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from gateway.http.messages import Request, Response
from gateway.http.tls import make_context
from gateway.settings import ServerSettings, TlsSettings
from tests.gateway.http.certificates import NAME, Certificate, make_certificate
from tests.gateway.http.real_server import GET, Served, Waiting, ended, ok, served

LARGE = bytes(range(256)) * 4096  # 1 MiB: more than any buffer on the way


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


@asynccontextmanager
async def secured(certificate: Certificate, handler: Waiting = ok) -> AsyncIterator[Served]:
    settings = ServerSettings(tls=certificate.settings)
    async with served(handler, settings) as found:
        yield found


async def connect(address: tuple[str, int], certificate: Certificate) -> trio.SSLStream[trio.SocketStream]:
    plain = await trio.open_tcp_stream(*address)
    return trio.SSLStream(plain, certificate.client_context(), server_hostname=NAME)


async def receive(stream: trio.SSLStream[trio.SocketStream], size: int) -> bytes:
    """Exactly so many bytes."""
    received = b""
    while len(received) < size:
        data = await stream.receive_some(size - len(received))
        assert data, f"ended after {len(received)}"
        received += data
    return received


async def large(_request: Request) -> Response:
    await trio.lowlevel.checkpoint()
    return Response(body=LARGE)


async def test_requests_are_answered_on_one_connection(certificate: Certificate):
    async with secured(certificate) as (address, _), await connect(address, certificate) as stream:
        for _ in range(3):
            await stream.send_all(GET)
            assert (await stream.receive_some()).endswith(b"ok")
        assert stream.version() == "TLSv1.3"
        assert stream.selected_alpn_protocol() == "http/1.1"


async def test_a_request_may_come_byte_by_byte(certificate: Certificate):
    async with secured(certificate) as (address, _), await connect(address, certificate) as stream:
        for byte in GET:
            await stream.send_all(bytes((byte,)))
        assert (await stream.receive_some()).endswith(b"ok")


async def test_many_records_at_once_are_all_read(certificate: Certificate):
    """Decrypted bytes that OpenSSL holds are not seen by a poller."""
    many = 5000
    received = b""

    async def read_all() -> None:
        nonlocal received
        while received.count(b"HTTP/1.1 200 ") < many:
            received += await stream.receive_some()

    async with (
        secured(certificate) as (address, _),
        await connect(address, certificate) as stream,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(read_all)
        await stream.send_all(GET * many)
    assert len(re.findall(rb"ok(?=HTTP|\Z)", received)) == many


async def test_an_answer_larger_than_any_buffer_arrives_whole(certificate: Certificate):
    async with secured(certificate, large) as (address, _), await connect(address, certificate) as stream:
        await stream.send_all(GET * 2)
        for _ in range(2):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += await receive(stream, 1)
            assert await receive(stream, len(LARGE)) == LARGE


async def test_a_close_is_said_in_tls_as_well(certificate: Certificate):
    """Without the farewell a client cannot tell the end from an answer that somebody cut off."""
    async with secured(certificate) as (address, _), await connect(address, certificate) as stream:
        await stream.send_all(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert (await stream.receive_some()).endswith(b"ok")
        assert await stream.receive_some() == b""


async def test_who_does_not_speak_tls_is_closed_and_harms_nobody(certificate: Certificate):
    async with secured(certificate) as (address, _), await connect(address, certificate) as good:
        for opening in (GET, b"\x16\x03\x01\xff\xff" + b"x" * 100, b"\0" * 10):
            async with await trio.open_tcp_stream(*address) as stranger:
                await stranger.send_all(opening)
                while await says_more(stranger):
                    pass
        await good.send_all(GET)
        assert (await good.receive_some()).endswith(b"ok")


async def says_more(stream: trio.SocketStream) -> bool:
    """An alert may come before the end."""
    try:
        return await stream.receive_some() != b""
    except trio.BrokenResourceError:
        return False


async def test_who_falls_silent_within_the_handshake_is_closed(certificate: Certificate, autojump_clock):
    async with secured(certificate) as (address, _), await trio.open_tcp_stream(*address) as silent:
        await silent.send_all(b"\x16\x03\x01")
        began = trio.current_time()
        assert await ended(silent)
        assert trio.current_time() - began <= 6  # request_seconds, and a tick


async def test_a_client_that_trusts_another_certificate_is_no_trouble(certificate: Certificate, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    stranger = make_certificate(other)
    async with secured(certificate) as (address, _):
        stream = await connect(address, stranger)
        with pytest.raises(trio.BrokenResourceError):
            await stream.send_all(GET)
        await trio.aclose_forcefully(stream)
        async with await connect(address, certificate) as good:
            await good.send_all(GET)
            assert (await good.receive_some()).endswith(b"ok")


async def test_an_older_tls_is_refused(certificate: Certificate):
    async with secured(certificate) as (address, _):
        plain = await trio.open_tcp_stream(*address)
        context = certificate.client_context()
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        stream = trio.SSLStream(plain, context, server_hostname=NAME)
        with pytest.raises(trio.BrokenResourceError):
            await stream.do_handshake()
        await trio.aclose_forcefully(stream)


async def test_a_drain_finishes_what_is_in_flight(certificate: Certificate, autojump_clock):
    arrived, go_on = trio.Event(), trio.Event()

    async def waiting(_request: Request) -> Response:
        arrived.set()
        await go_on.wait()
        return Response(body=b"done")

    async with secured(certificate, waiting) as (address, drain), await connect(address, certificate) as stream:
        await stream.send_all(GET)
        await arrived.wait()
        drain.set()
        go_on.set()
        assert (await stream.receive_some()).endswith(b"done")
        assert await stream.receive_some() == b""


def test_files_that_are_none_or_do_not_fit_are_an_error(certificate: Certificate, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    for certificate_file, key_file in (
        (str(tmp_path / "missing.pem"), certificate.settings.key),
        (certificate.settings.certificate, make_certificate(other).settings.key),
        (certificate.settings.key, certificate.settings.key),
    ):
        with pytest.raises(OSError):  # noqa: PT011  # which words OpenSSL has for it differs by version
            make_context(TlsSettings(certificate=certificate_file, key=key_file))
