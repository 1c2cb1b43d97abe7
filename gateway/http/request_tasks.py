"""Runs the handlers that wait: each request in a task of its own."""

from collections.abc import Awaitable, Callable

import structlog
import trio

from gateway.http.messages import Answer, Request, Response
from gateway.http.outbox import Outbox
from gateway.http.problem import problem

log = structlog.get_logger()


class RequestTasks:
    """Starts tasks in `nursery`, at most as many as connections have requests in flight."""

    def __init__(self, nursery: trio.Nursery, outbox: Outbox) -> None:
        self._nursery = nursery
        self._outbox = outbox

    def start(self, handler: Callable[[], Awaitable[Response]], request: Request, answer: Answer) -> None:
        """Answer `request` with what `handler` returns; with 500 if it raises."""
        self._nursery.start_soon(self._run, handler, request, answer)

    async def _run(self, handler: Callable[[], Awaitable[Response]], request: Request, answer: Answer) -> None:
        try:
            response = await handler()
        except Exception:
            # Whatever a handler's bug is, it must not take the other requests with it.
            log.exception("handler failed", method=request.method, path=request.logged_path)
            response = problem(500, "Internal Server Error", "the request could not be handled")
        answer(response)
        self._outbox.flush()
