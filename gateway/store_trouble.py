"""The one answer to a store that does not do what it is asked in time."""

from collections.abc import Iterator
from contextlib import contextmanager

import trio

from gateway.http.problem import ProblemError
from queues.errors import StoreUnavailableError

STORE_TROUBLE = (StoreUnavailableError, trio.TooSlowError)


def store_unavailable(detail: str) -> ProblemError:
    """503; a second is long enough for a batch to pass and short enough to be forgotten."""
    return ProblemError(503, "The store does not answer", detail, ((b"Retry-After", b"1"),))


@contextmanager
def store_answers_within(seconds: float, else_detail: str) -> Iterator[None]:
    """Bound what is asked of the store in the block; `else_detail` says what a client may do where it does not answer.

    Raises:
        ProblemError: the store does not do it, or not in time.
    """
    try:
        with trio.fail_after(seconds):
            yield
    except STORE_TROUBLE as error:
        raise store_unavailable(else_detail) from error
