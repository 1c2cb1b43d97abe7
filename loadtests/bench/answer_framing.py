"""Tells when an answer is complete and whether it acknowledges; as cheap as can be, for the generator pays for it."""

from typing import Final, Literal

Verdict = Literal["acked", "refused", "incomplete"]

_ACKED_START: Final = b"HTTP/1.1 200"
_ACKED_END: Final = b"\r\n\r\nsuccess"
_LENGTH: Final = b"\r\ncontent-length:"


def judge(answer: bytes) -> Verdict:
    """Judge what has arrived so far. Raises ValueError for an answer that does not say its length."""
    if answer.endswith(_ACKED_END) and answer.startswith(_ACKED_START):
        return "acked"
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return "incomplete"
    _, found, rest = head.lower().partition(_LENGTH)
    if not found:
        raise ValueError("an answer without Content-Length")
    return "incomplete" if len(body) < int(rest.split(b"\r\n", 1)[0]) else "refused"
