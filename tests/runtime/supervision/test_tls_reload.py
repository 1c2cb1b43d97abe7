"""A certificate that was renewed is taken over on SIGHUP, while connections go on."""

import signal
from pathlib import Path

import pytest
import trio
from cryptography import x509

from tests.gateway.http.certificates import NAME, Certificate, make_certificate
from tests.runtime.serving import Serving, running, write_configuration

pytestmark = pytest.mark.e2e

GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


async def connect(serving: Serving, certificate: Certificate) -> trio.SSLStream[trio.SocketStream]:
    plain = await trio.open_tcp_stream(*serving.address)
    return trio.SSLStream(plain, certificate.client_context(), server_hostname=NAME)


async def shown_serial(stream: trio.SSLStream[trio.SocketStream]) -> int:
    await stream.do_handshake()
    shown = stream.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(shown).serial_number


async def test_a_renewed_certificate_is_shown_after_sighup(tmp_path: Path) -> None:
    first = make_certificate(tmp_path)
    tables = f'[server.tls]\ncertificate = "{first.settings.certificate}"\nkey = "{first.settings.key}"\n'
    write_configuration(tmp_path, server=tables)
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        assert serving.said.startswith("ready: https://")
        await serving.logged("a worker is ready", slot="pusher-0")  # SIGHUP is heeded from now on
        async with await connect(serving, first) as stream:
            assert await shown_serial(stream) == first.serial
            renewed = make_certificate(tmp_path)
            serving.process.send_signal(signal.SIGHUP)
            await stream.send_all(GET)
            assert (await stream.receive_some()).endswith(b"live")
            await serving.logged("the new configuration is applied")
        async with await connect(serving, renewed) as stream:
            assert await shown_serial(stream) == renewed.serial
            await stream.send_all(GET)
            assert (await stream.receive_some()).endswith(b"live")
