"""Times what is not a callback: one histogram for each route and class of answer (`2xx`)."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import ParamSpec

import trio

from gateway.http.messages import Response
from monitoring.instruments import Histogram
from monitoring.names import REQUEST_SECONDS

_Asked = ParamSpec("_Asked")


def timed(route: str, handler: Callable[_Asked, Awaitable[Response]]) -> Callable[_Asked, Awaitable[Response]]:
    """The handler, observed. One that raises is a bug, and is answered (and logged) by the connection."""

    async def observed(*args: _Asked.args, **kwargs: _Asked.kwargs) -> Response:
        started = trio.current_time()
        response = await handler(*args, **kwargs)
        _observer(route, f"{response.status // 100}xx").observe(trio.current_time() - started)
        return response

    return observed


# Making a child costs more than observing; there are as many as routes and classes.
@cache
def _observer(route: str, status: str) -> Histogram:
    return REQUEST_SECONDS.labels(route, status)
