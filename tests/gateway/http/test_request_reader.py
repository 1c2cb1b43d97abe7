"""The codec alone: what is a request, what is refused, and that neither depends on how the bytes were cut."""

import itertools

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.http import request_head
from gateway.http.messages import Request, Response
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_head import MAX_HEAD_BYTES, Head
from gateway.http.request_reader import RequestReader
from gateway.http.response_encoder import ResponseEncoder
from tests.conformance.http_case import BODY_LIMIT, Case
from tests.conformance.http_requests import CASES

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def read(pieces: list[bytes], limit: int = BODY_LIMIT) -> tuple[list[Request], int]:
    """The requests in `pieces`, fed one after another, and the status of the refusal that ended them (0: none)."""
    reader = RequestReader(lambda _head: limit)
    requests: list[Request] = []
    try:
        for piece in pieces:
            reader.feed(piece)
            while (request := reader.next_request()) is not None:
                requests.append(request)
    except RefusedRequestError as refusal:
        assert not reader.keep_alive
        return requests, refusal.status
    return requests, 0


def read_by_h11(raw: bytes) -> tuple[list[tuple[str, bytes, bytes]], bool]:
    """The (method, target, body) of the requests that h11 finds, and whether it then refuses what follows."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
    connection.receive_data(raw)
    found: list[tuple[str, bytes, bytes]] = []
    method, target, body = "", b"", b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                method, target, body = event.method.decode(), event.target, b""
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                found.append((method, target, body))
                connection.send(
                    h11.Response(status_code=404, headers=[(b"content-length", b"0")])
                )  # no CONNECT may succeed
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    return found, False
                connection.start_next_cycle()
            else:
                return found, False
    except h11.RemoteProtocolError:
        return found, True


def essence(request: Request) -> tuple[str, bytes, bytes]:
    target = request.path.encode() + (b"?" + request.query if request.query else b"")
    return request.method, target, request.body


@each_case
def test_corpus(case: Case):
    requests, status = read([case.raw])
    assert (len(requests), status) == (case.accepted, case.status)


@each_case
def test_corpus_byte_by_byte(case: Case):
    requests, status = read([case.raw[i : i + 1] for i in range(len(case.raw))])
    assert (len(requests), status) == (case.accepted, case.status)


@each_case
def test_h11_agrees_unless_the_corpus_says_why_not(case: Case):
    ours, status = read([case.raw])
    theirs, refused = read_by_h11(case.raw)
    assert [essence(request) for request in ours] == theirs[: len(ours)]
    if not status:
        assert not refused
        assert len(theirs) == len(ours)
    elif refused and len(theirs) == len(ours):
        assert not case.stricter, "h11 refuses it too: no reason is needed"
    else:
        assert case.stricter


TOKEN = st.text("abcXYZ-_09", min_size=1, max_size=8).map(str.encode)
VALUE = st.text("abc ,;:=\t~\xe9", max_size=12).map(lambda text: text.encode("latin-1"))
TARGET = st.text("/abc%20?&=", max_size=20).map(lambda text: b"/" + text.encode())


@st.composite
def valid_requests(draw: st.DrawFn) -> bytes:
    head = draw(st.sampled_from([b"GET ", b"POST ", b"DELETE "])) + draw(TARGET) + b" HTTP/1.1\r\nhost: a\r\n"
    for name, value in draw(st.lists(st.tuples(TOKEN, VALUE), max_size=4)):
        head += b"x-" + name + b":" + value + b"\r\n"
    body = draw(st.binary(max_size=BODY_LIMIT))
    framing = draw(st.sampled_from(["none", "length", "chunked"]))
    if framing == "none":
        return head + b"\r\n"
    if framing == "length":
        return head + b"content-length: %d\r\n\r\n" % len(body) + body
    cut = draw(st.integers(0, len(body)))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (body[:cut], body[cut:]) if chunk)
    return head + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def cut_up(raw: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    return [raw[start:end] for start, end in itertools.pairwise(edges) if start < end]


@given(st.lists(valid_requests(), min_size=1, max_size=4), st.lists(st.integers(0, 2000), max_size=12))
def test_any_chunking_gives_the_same_requests(messages: list[bytes], cuts: list[int]):
    raw = b"".join(messages)
    whole = read([raw])
    assert whole[1] == 0
    assert len(whole[0]) == len(messages)
    assert read(cut_up(raw, cuts)) == whole
    theirs, refused = read_by_h11(raw)
    assert not refused
    # A lone "?" is in h11's target and means nothing to us.
    assert [essence(request) for request in whole[0]] == [
        (m, t.removesuffix(b"?") if t.count(b"?") == 1 else t, b) for m, t, b in theirs
    ]


@settings(max_examples=300)
@given(st.sampled_from(CASES), st.data())
def test_what_h11_refuses_is_never_accepted(case: Case, data: st.DataObject):
    """Mutated corpus rows: one byte replaced, removed or put in."""
    raw = bytearray(case.raw or b"\0")
    at = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.sampled_from(list(b"\r\n\t\0 :,;0a5%\x7f\xff")))
    match data.draw(st.sampled_from(["replace", "remove", "insert"])):
        case "replace":
            raw[at] = byte
        case "remove":
            del raw[at]
        case _:
            raw.insert(at, byte)
    ours, status = read([bytes(raw)])
    theirs, refused = read_by_h11(bytes(raw))
    if refused:
        assert len(ours) <= len(theirs)
    assert [essence(request)[2] for request in ours] == [body for _, _, body in theirs[: len(ours)]]
    assert status or len(ours) == len(theirs)


def test_no_head_is_accepted_with_a_stray_cr_or_lf_or_without_one():
    """Every place there is: what httptools lets through in its next version must not reach us."""
    head = b"GET /a?b HTTP/1.1\r\nHost: a\r\nX-Some: c d\r\nX-Empty:\r\n\r\n"
    assert len(read([head])[0]) == 1
    wrong = [
        head[:at] + stray + head[at + drop :]
        for at in range(len(head))
        for stray in (b"\r", b"\n", b"\0", b"\x7f")
        for drop in (0, 1)
    ]
    wrong += [head[:at] + head[at + 1 :] for at in range(len(head)) if head[at : at + 1] in b"\r\n"]
    for raw in wrong:
        if not raw.startswith(head):  # what comes after the head is the next request's
            assert read([raw])[0] == [], raw


def test_a_request_as_handlers_see_it():
    raw = b"POST /callback/a%2Fb?x=1&y HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-one:  2 \r\nContent-Length: 2\r\n\r\nhi"
    [request], _ = read([raw])
    assert request == Request(
        method="POST",
        path="/callback/a%2Fb",
        query=b"x=1&y",
        headers={b"host": b"a", b"x-one": b"1, 2", b"content-length": b"2"},
        body=b"hi",
    )


def test_the_body_limit_is_the_routes_own_and_asked_before_the_body():
    asked: list[tuple[str, str]] = []

    def limit(head: Head) -> int:
        asked.append((head.method, head.path))
        return 4

    reader = RequestReader(limit)
    reader.feed(b"PUT /big?q HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    with pytest.raises(RefusedRequestError) as caught:
        reader.next_request()
    assert caught.value.status == 413
    assert caught.value.label == "too_large"
    assert asked == [("PUT", "/big")]
    assert not reader.take_continue()


def test_after_a_refusal_nothing_more_is_read():
    reader = RequestReader(lambda _head: 0)
    reader.feed(b"\0")
    with pytest.raises(RefusedRequestError):
        reader.next_request()
    reader.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert reader.next_request() is None
    assert not reader.started


HEAD_100 = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"


@pytest.mark.parametrize(
    ("framing", "body"), [(b"Content-Length: 2\r\n\r\n", b"hi"), (b"Transfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n")]
)
def test_a_waiting_client_is_told_once_to_go_on(framing: bytes, body: bytes):
    reader = RequestReader(lambda _head: 10)
    reader.feed(HEAD_100 + framing)
    assert reader.next_request() is None
    assert reader.take_continue()
    assert not reader.take_continue()
    reader.feed(body)
    assert reader.next_request() is not None


@pytest.mark.parametrize("pieces", [[b"\r\n\r\nh"], [b"\r\n\r\n", b"h"]])
def test_a_client_that_does_not_wait_is_not_told(pieces):
    reader = RequestReader(lambda _head: 10)
    for piece in (HEAD_100 + b"Content-Length: 2", *pieces):
        reader.feed(piece)
        assert reader.next_request() is None
    assert not reader.take_continue()


def test_after_a_chunked_body_one_with_a_length_is_read_by_its_length():
    chunked = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    counted = b"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
    requests, status = read([chunked + counted, b"1\r\n", b"yz"])
    assert ([request.body for request in requests], status) == ([b"x", b"1\r\nyz"], 0)


def test_a_body_in_the_smallest_chunks_is_refused_before_it_costs_much():
    pieces = [b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 4096]
    assert read(pieces, limit=65_536) == ([], 413)
    assert read([pieces[0], b"40\r\n" + b"x" * 64 + b"\r\n", b"1\r\nx\r\n" * 1024 + b"0\r\n\r\n"], limit=65_536)[1] == 0


def test_what_is_held_of_an_unfinished_head_is_bounded():
    reader = RequestReader(lambda _head: 0)
    reader.feed(b"GET / HTTP/1.1\r\n")
    with pytest.raises(RefusedRequestError) as caught:  # noqa: PT012  # which of the feeds is refused is not the point
        while True:
            reader.feed(b"X: " + b"y" * 1000 + b"\r\n")
            assert reader.next_request() is None
            assert len(reader._pending) <= MAX_HEAD_BYTES
    assert caught.value.status == 431
    assert reader._pending == b""


class Clock:
    def __init__(self) -> None:
        self.now = 784_111_777.0  # RFC 9110's example, Sun, 06 Nov 1994 08:49:37 GMT

    def __call__(self) -> float:
        return self.now


def test_a_response_in_bytes():
    encoder = ResponseEncoder(Clock())
    response = Response(status=503, body=b"busy", headers=((b"retry-after", b"2"),))
    assert encoder.encode(response, keep_alive=False) == (
        b"HTTP/1.1 503 Service Unavailable\r\n"
        b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        b"content-type: text/plain; charset=utf-8\r\n"
        b"content-length: 4\r\n"
        b"retry-after: 2\r\n"
        b"connection: close\r\n"
        b"\r\n"
        b"busy"
    )


def test_the_date_follows_the_clock_by_the_second():
    clock = Clock()
    encoder = ResponseEncoder(clock)
    first = encoder.encode(Response(), keep_alive=True)
    clock.now += 0.9
    assert encoder.encode(Response(), keep_alive=True) is not first
    assert b"08:49:37" in encoder.encode(Response(), keep_alive=True)
    clock.now += 0.2
    assert b"08:49:38" in encoder.encode(Response(), keep_alive=True)


def test_a_head_response_has_the_length_but_not_the_body():
    encoded = ResponseEncoder(Clock()).encode(Response(body=b"four"), keep_alive=True, head=True)
    assert b"content-length: 4\r\n" in encoded
    assert encoded.endswith(b"\r\n\r\n")


def test_a_response_that_may_not_have_a_body_ends_at_its_head():
    encoded = ResponseEncoder(Clock()).encode(Response(status=204, body=b"no"), keep_alive=True)
    assert b"content-" not in encoded
    assert encoded.endswith(b"\r\n\r\n")


def test_a_status_without_a_name():
    assert ResponseEncoder(Clock()).encode(Response(status=599), keep_alive=True).startswith(b"HTTP/1.1 599 \r\n")


@pytest.mark.parametrize("bad", [b"a\r\nb: c", b"a\nb", b"a\rb", b"a\0b"])
def test_a_header_cannot_break_a_response_apart(bad: bytes):
    encoder = ResponseEncoder(Clock())
    with pytest.raises(ValueError, match="line end"):
        encoder.encode(Response(headers=((b"x", bad),)), keep_alive=True)
    with pytest.raises(ValueError, match="line end"):
        encoder.encode(Response(content_type=bad.decode()), keep_alive=True)


def responses_by_h11(raw: bytes, count: int) -> list[tuple[int, bytes]]:
    client = h11.Connection(h11.CLIENT)
    client.receive_data(raw)
    found: list[tuple[int, bytes]] = []
    for _ in range(count):
        client.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
        client.send(h11.EndOfMessage())
        head = client.next_event()
        assert isinstance(head, h11.Response)
        body = b""
        while isinstance(event := client.next_event(), h11.Data):
            body += event.data
        assert isinstance(event, h11.EndOfMessage)
        found.append((head.status_code, body))
        client.start_next_cycle()
    return found


@given(st.lists(st.tuples(st.sampled_from([200, 202, 404, 500]), st.binary(max_size=50)), min_size=1, max_size=5))
def test_h11_reads_our_responses_as_they_were_meant(wanted: list[tuple[int, bytes]]):
    encoder = ResponseEncoder(Clock())
    raw = b"".join(encoder.encode(Response(status=status, body=body), keep_alive=True) for status, body in wanted)
    assert responses_by_h11(raw, len(wanted)) == wanted


def test_a_field_section_is_read_alike_the_first_time_and_again_and_no_key_of_anyone_is_remembered():
    secret = b"Authorization: Bearer this-is-not-remembered\r\n"
    raw = b"POST /v1/pushes HTTP/1.1\r\nHost: a\r\n%bContent-Length: 2\r\n\r\n{}"
    for request in (raw % b"", raw % secret):
        assert len({repr(read([request])) for _ in range(3)}) == 1
    assert not any(b"this-is-not-remembered" in section for section, _ in request_head._remembered)


def test_what_is_remembered_is_bounded():
    for number in range(2 * request_head._MOST_REMEMBERED):
        read([b"GET / HTTP/1.1\r\nHost: a\r\nX: %d\r\n\r\n" % number])
    assert len(request_head._remembered) <= request_head._MOST_REMEMBERED
