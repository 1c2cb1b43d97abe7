"""`/livez` and `/readyz`, for whoever restarts us and whoever sends us traffic."""

from collections.abc import Awaitable, Callable

import trio

from gateway.http.messages import Request, Response
from gateway.http.problem import problem
from gateway.operation import TEXT, Operation
from gateway.store_trouble import STORE_TROUBLE

KEEP_SECONDS = 1.0
PING_SECONDS = 1.0


LIVE = Operation(id="live", method="GET", path="/livez", summary="Whether this process lives.", answers={200: TEXT})
READY = Operation(
    id="ready",
    method="GET",
    path="/readyz",
    summary="Whether requests would be served; 503 says why not.",
    answers={200: TEXT},
    problems=(503,),
)


class Health:
    """Answers probes. `ping` asks the store; `drain` is set once this process takes no more work."""

    def __init__(self, ping: Callable[[], Awaitable[None]], drain: trio.Event) -> None:
        self._ping = ping
        self._drain = drain
        self._asking = trio.Lock()
        self._reachable = False
        self._known_until = -float("inf")

    async def live(self, _request: Request) -> Response:
        """200 as long as this process can answer at all; a store that is gone is no reason to restart us."""
        return Response(body=b"live")

    async def ready(self, _request: Request) -> Response:
        """200 if requests would be served; 503 gives every reason in its `detail`."""
        reasons = ["draining"] if self._drain.is_set() else []
        if not await self._is_store_reachable():
            reasons.append("store unreachable")
        return problem(503, "Not ready", "; ".join(reasons)) if reasons else Response(body=b"ready")

    async def _is_store_reachable(self) -> bool:
        """Ask the store at most once a second, however many probes there are."""
        async with self._asking:
            if trio.current_time() >= self._known_until:
                try:
                    with trio.fail_after(PING_SECONDS):
                        await self._ping()
                    self._reachable = True
                except STORE_TROUBLE:
                    self._reachable = False
                self._known_until = trio.current_time() + KEEP_SECONDS
            return self._reachable
