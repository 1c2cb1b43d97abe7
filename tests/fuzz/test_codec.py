"""Requests: refused or framed as h11 frames them, however the bytes are cut, and in bounded memory."""

import itertools

import h11
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.messages import Request
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_head import MAX_HEAD_BYTES
from gateway.http.request_reader import RequestReader
from tests.conformance.http_case import BODY_LIMIT
from tests.conformance.http_requests import CASES
from tests.fuzz.mutation import mutated

_SCRAPS = (
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"0", b"-1", b"\x7f", b"\xff",
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Host: b\r\n",
    b"Expect: 100-continue\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n", b" HTTP/1.0",
)  # fmt: skip
STREAMS = mutated([case.raw for case in CASES], _SCRAPS)
CUTS = st.lists(st.integers(0, 400), max_size=8)


def read(pieces: list[bytes]) -> tuple[list[Request], bool]:
    """The requests, and whether the stream was refused."""
    reader = RequestReader(lambda _head: BODY_LIMIT)
    requests: list[Request] = []
    try:
        for piece in pieces:
            reader.feed(piece)
            while (request := reader.next_request()) is not None:
                requests.append(request)
    except RefusedRequestError:
        return requests, True
    return requests, False


def bodies_by_h11(raw: bytes, count: int) -> list[bytes]:
    """The bodies of the first requests that h11 finds, up to where it refuses."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
    connection.receive_data(raw)
    bodies: list[bytes] = []
    try:
        while len(bodies) < count:
            body = b""
            while not isinstance(event := connection.next_event(), h11.EndOfMessage):
                if isinstance(event, h11.Data):
                    body += event.data
                elif not isinstance(event, h11.Request):
                    return bodies
            bodies.append(body)
            connection.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
            connection.send(h11.EndOfMessage())
            if connection.our_state is h11.MUST_CLOSE:
                return bodies
            connection.start_next_cycle()
    except h11.RemoteProtocolError:
        pass
    return bodies


@given(STREAMS)
def test_what_we_accept_h11_frames_alike(raw: bytes):
    ours, _ = read([raw])
    assert [request.body for request in ours] == bodies_by_h11(raw, len(ours))


@given(STREAMS, CUTS)
def test_however_a_stream_is_cut_it_reads_the_same(raw: bytes, cuts: list[int]):
    edges = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    assert read([raw[start:end] for start, end in itertools.pairwise(edges)]) == read([raw])
