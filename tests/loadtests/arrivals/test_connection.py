import select
import socket

import pytest

from loadtests.arrivals.connection import Connection
from loadtests.http_client import ConnectionLostError

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"


@pytest.fixture
def link():
    """A connection and the server's end of it."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    connection = Connection(ours, "")
    with theirs:
        yield connection, theirs
        connection.close()


def test_an_answer_may_come_in_pieces(link):
    connection, server = link
    assert connection.begin(7, b"request", 1.5)
    assert server.recv(100) == b"request"
    for start in range(len(ANSWER) - 1):
        server.send(ANSWER[start : start + 1])
        assert connection.receive() is None
    server.send(ANSWER[-1:])
    answer = connection.receive()
    assert (answer.status, answer.body) == (200, b"success")
    assert (connection.number, connection.written, connection.kept) == (7, 1.5, True)


def test_nothing_to_read_is_no_answer(link):
    connection, _ = link
    connection.begin(0, b"request", 0)
    assert connection.receive() is None


def test_a_request_larger_than_the_sockets_buffer_is_written_when_there_is_room(link):
    connection, server = link
    request = bytes(10_000_000)
    assert not connection.begin(0, request, 0)
    received = len(server.recv(1_000_000))
    while not connection.flush():
        received += len(server.recv(1_000_000))
    while select.select([server], [], [], 0)[0]:
        received += len(server.recv(1_000_000))
    assert received == len(request)


def test_deliveries_on_one_connection_are_told_apart(link):
    connection, server = link
    connection.begin(0, b"request", 0)
    first = connection.serial
    server.send(ANSWER)
    connection.receive()
    connection.begin(1, b"request", 0)
    assert connection.serial != first


@pytest.mark.parametrize("said", [b"220 mail.example ESMTP\r\n", b"\0\0\0"])
def test_what_is_not_http_loses_the_delivery(link, said):
    connection, server = link
    connection.begin(0, b"request", 0)
    server.send(said)
    with pytest.raises(ConnectionLostError, match="not HTTP"):
        connection.receive()


def test_a_closed_connection_loses_the_delivery(link):
    connection, server = link
    connection.begin(0, b"request", 0)
    server.close()
    with pytest.raises(ConnectionLostError):
        connection.receive()
    with pytest.raises(ConnectionLostError):
        connection.begin(1, b"request", 0)


def test_an_idle_connection_has_nothing_to_say(link):
    connection, server = link
    server.send(ANSWER)
    with pytest.raises(ConnectionLostError, match="not asked"):
        connection.receive()
