"""One connection of the generator: a socket that does not block, and a parser for its answers."""

import errno
import socket
from contextlib import suppress

import httptools

from loadtests.http_client import Answer, ConnectionLostError, NoConnectionError

_RECEIVE = 4096
_NO_PORT = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)  # Linux's number, where Python does not name it yet


def connect(address: tuple[str, int], *, ipv6: bool, source: str) -> socket.socket:
    """Begin to connect, from `source` if there is one. Raises OSError."""
    sock = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source:
            # The port is chosen when connecting, so that one in use towards another address does not count.
            sock.setsockopt(socket.IPPROTO_IP, _NO_PORT, 1)
            sock.bind((source, 0))
        with suppress(BlockingIOError):
            sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


class Connection:
    """At most one delivery at a time: `number` is its arrival's (-1: idle), `written` when it was begun.

    `serial` tells deliveries on the same connection apart. Answers must carry their length. The methods named `on_…`
    are called by httptools.
    """

    __slots__ = ("_body", "_complete", "_parser", "_unsent", "kept", "number", "serial", "sock", "source", "written")

    def __init__(self, sock: socket.socket, source: str) -> None:
        self.sock = sock
        self.source = source
        self.number = -1
        self.serial = 0
        self.written = 0.0
        self.kept = True
        self._unsent = b""
        self._body = b""
        self._complete = False
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    def begin(self, number: int, request: bytes, now: float) -> bool:
        """Write a request; False if not all of it could be yet (then `flush` when it is writable).

        Raises ConnectionLostError.
        """
        self.number = number
        self.serial += 1
        self.written = now
        self._body = b""
        self._complete = False
        self._unsent = request
        return self.flush()

    def flush(self) -> bool:
        """Write what is left; whether nothing is. Raises ConnectionLostError."""
        if not self._unsent:
            return True
        try:
            sent = self.sock.send(self._unsent)
        except BlockingIOError:
            return False
        except OSError as error:
            raise _lost(error) from error
        self._unsent = self._unsent[sent:]
        return not self._unsent

    def receive(self) -> Answer | None:
        """Read what came; the answer once it is complete. Raises ConnectionLostError."""
        try:
            received = self.sock.recv(_RECEIVE)
            if not received or self.number < 0 or self._parser is None:
                raise ConnectionLostError("closed, or says something that it was not asked")
            self._parser.feed_data(received)
        except BlockingIOError:
            return None
        except OSError as error:
            raise _lost(error) from error
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise ConnectionLostError("the answer is not HTTP") from error
        if not self._complete:
            return None
        return Answer(self._parser.get_status_code(), self._body)

    def close(self) -> None:
        self.sock.close()
        self._parser = None  # it refers to us: the collector of cycles does not run while the generator does

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._complete = True
        self.kept = self._parser is not None and self._parser.should_keep_alive()


def _lost(error: OSError) -> ConnectionLostError:
    """What a socket's error means; that nobody listens may show only with the first bytes written."""
    kind = NoConnectionError if error.errno == errno.ECONNREFUSED else ConnectionLostError
    return kind(error.strerror)
