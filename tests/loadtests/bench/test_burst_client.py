import socket
import threading
from contextlib import closing

from loadtests.bench.burst_client import burst

_REQUEST = b"POST /callback/demo HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"


def _serve(listener, answers):
    """Answer on one connection, an answer a request; end when they are used up."""
    connection, _ = listener.accept()
    with connection:
        for parts in answers:
            received = b""
            while not received.endswith(b"hi"):
                received += connection.recv(4096)
            for part in parts:
                connection.sendall(part)


def _burst(requests, answers):
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = threading.Thread(target=_serve, args=(listener, answers))
        server.start()
        result = burst(requests, listener.getsockname()[1], 1)
        server.join()
        return result


_ACKED = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"
_BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


def test_answers_are_counted_however_they_are_cut():
    result = _burst([_REQUEST] * 3, [[_ACKED], [_ACKED[:20], _ACKED[20:]], [_BUSY]])
    assert (result.acked, result.refused, result.lost) == (2, 1, 0)
    assert result.first_refusal.startswith("HTTP/1.1 503")


def test_a_connection_that_ends_loses_what_it_was_asked():
    result = _burst([_REQUEST] * 2, [[_ACKED]])
    assert (result.acked, result.refused, result.lost) == (1, 0, 1)
