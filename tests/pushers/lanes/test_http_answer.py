"""Answers as they come off a connection, in any pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushers.lanes.http_answer import AnswerError, AnswerReader, HttpAnswer

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: r\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PLAIN
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello world"
HTTP_1_0 = b"HTTP/1.0 200 OK\r\n\r\nhello world"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def read(
    pieces: list[bytes], *, eof: bool = False, bodiless: bool = False, max_bytes: int = 10_000
) -> HttpAnswer | None:
    reader = AnswerReader(max_bytes)
    reader.expect(bodiless=bodiless)
    answer = None
    for piece in pieces:
        answer = reader.receive(piece)
    return reader.receive_eof() if eof and answer is None else answer


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.sampled_from([PLAIN, CHUNKED, INTERIM]), st.lists(st.integers(0, 10_000), max_size=12))
def test_any_pieces_give_the_same_answer(data, cuts):
    answer = read(pieces_of(data, cuts))
    assert answer is not None
    assert (answer.status, answer.body, answer.keep_alive) == (200, b"hello world", True)


@given(st.sampled_from([UNTIL_CLOSE, HTTP_1_0]), st.lists(st.integers(0, 10_000), max_size=12))
def test_a_body_without_a_length_ends_with_the_connection(data, cuts):
    answer = read(pieces_of(data, cuts), eof=True)
    assert answer is not None
    assert (answer.body, answer.keep_alive) == (b"hello world", False)


@pytest.mark.parametrize("data", [PLAIN, CHUNKED, INTERIM, b"HTTP/1.1 100 Continue\r\n\r\nx"])
def test_an_answer_cut_short_is_refused(data):
    with pytest.raises(AnswerError):
        read([data[:-1]], eof=True)


def test_a_close_without_a_word_is_refused():
    with pytest.raises(AnswerError, match="closed without an answer"):
        read([], eof=True)


def test_garbage_is_refused():
    with pytest.raises(AnswerError, match="not an HTTP answer"):
        read([b"\x16\x03\x01\x00"])


def test_switching_protocols_is_refused():
    with pytest.raises(AnswerError):
        read([b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"])


@pytest.mark.parametrize("data", [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 9_000, CHUNKED[:60] + b"fff\r\n" + b"y" * 9_000])
def test_more_than_the_bound_is_refused(data):
    with pytest.raises(AnswerError, match="larger than 5000"):
        read([data], max_bytes=5_000)


def test_bytes_behind_an_answer_spoil_the_connection_and_not_the_answer():
    for excess in (b"x", PLAIN):
        answer = read([PLAIN + excess])
        assert answer is not None
        assert (answer.body, answer.keep_alive) == (b"hello world", False)


def test_connection_close_is_heeded():
    answer = read([PLAIN.replace(b"Content-Type: text/plain", b"Connection: close")])
    assert answer is not None
    assert not answer.keep_alive


def test_statuses_without_a_body_need_no_length():
    answer = read([NO_CONTENT])
    assert answer is not None
    assert (answer.status, answer.body, answer.keep_alive) == (204, b"", True)


def test_after_head_there_is_no_body_to_wait_for():
    answer = read([b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"], bodiless=True)
    assert answer is not None
    assert (answer.status, answer.body, answer.keep_alive) == (200, b"", False)


def test_one_reader_reads_one_answer_after_another():
    reader = AnswerReader()
    for data in (PLAIN, CHUNKED, NO_CONTENT, PLAIN):
        reader.expect()
        answer = reader.receive(data)
        assert answer is not None
        assert answer.keep_alive
    assert answer.headers == [(b"Content-Type", b"text/plain"), (b"Content-Length", b"11")]
