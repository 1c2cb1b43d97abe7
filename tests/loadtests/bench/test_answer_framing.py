import pytest

from loadtests.bench.answer_framing import judge

_ACKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nsuccess"
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\nretry-after: 1\r\n\r\nbusy"


@pytest.mark.parametrize("end", range(len(_ACKED)))
def test_a_part_of_an_answer_is_incomplete(end):
    assert judge(_ACKED[:end]) == "incomplete"


def test_success_acknowledges():
    assert judge(_ACKED) == "acked"


@pytest.mark.parametrize("answer", [_BUSY, _ACKED.replace(b"200", b"403"), _ACKED[:-7] + b"failure"])
def test_anything_else_refuses(answer):
    assert judge(answer) == "refused"


def test_an_answer_without_a_length_cannot_be_framed():
    with pytest.raises(ValueError, match="Content-Length"):
        judge(b"HTTP/1.1 200 OK\r\n\r\nsucc")
