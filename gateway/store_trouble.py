"""The one answer to a store that does not do what it is asked in time."""

import trio

from gateway.http.messages import Response
from gateway.http.problem import problem
from queues.errors import StoreUnavailableError

STORE_TROUBLE = (StoreUnavailableError, trio.TooSlowError)


def store_unavailable(detail: str) -> Response:
    """503; a second is long enough for a batch to pass and short enough to be forgotten."""
    return problem(503, "The store does not answer", detail, headers=((b"Retry-After", b"1"),))
