"""TLS without a proxy in front: a socket that reads and writes like a plain non-blocking one.

How it works: OpenSSL shakes hands within the first reads, so the deadline of a new connection covers that as well, and
a connection need not know of TLS. Where OpenSSL has to wait for the socket, in whichever direction, this raises
`BlockingIOError` as a plain socket does; the poller reports both directions.
"""

import socket
import ssl
from contextlib import suppress

from gateway.settings import TlsSettings


def make_context(settings: TlsSettings) -> ssl.SSLContext:
    """The context of new connections: TLS 1.2 at least, HTTP/1.1 alone.

    Raises:
        OSError: a file cannot be read, or is no certificate or no key (`ssl.SSLError`), or they do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # An encrypted key would be asked for at the terminal, and a service has none.
    context.load_cert_chain(settings.certificate, settings.key, password=_no_password)
    return context


def _no_password() -> str:
    raise ssl.SSLError("the key is encrypted")


class TlsSocket:
    """The server's side of one connection."""

    def __init__(self, accepted: socket.socket, context: ssl.SSLContext) -> None:
        """Take over an accepted, non-blocking socket.

        Raises:
            OSError: the client is gone already.
        """
        self._socket = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def recv(self, size: int) -> bytes:
        """Like a plain socket's: less than `size` means that nothing more is there, or that it is the end.

        A record holds 16 KiB at most, and more of them may wait decrypted where no poller can see them.
        """
        data = self._recv(size)
        parts = [data]
        missing = size - len(data)
        while data and missing:
            try:
                data = self._recv(missing)
            except BlockingIOError:
                break
            parts.append(data)
            missing -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def send(self, data: bytes | memoryview) -> int:
        try:
            return self._socket.send(data)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError from error

    def shutdown(self, how: int) -> None:
        """End our side, in TLS and below it. What still comes is not decrypted: it is read only to be dropped."""
        with suppress(OSError):  # we do not wait for the client's close_notify
            self._socket.unwrap()
        self._socket.shutdown(how)

    def close(self) -> None:
        with suppress(OSError, ValueError):  # within the handshake, or after `shutdown`
            self._socket.unwrap()
        self._socket.close()

    def _recv(self, size: int) -> bytes:
        try:
            return self._socket.recv(size)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError from error
