"""Which handler answers which method and path."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from gateway.callback_routes import CallbackRoutes
from gateway.dead_letters import DeadLetters
from gateway.health import Health
from gateway.messages import Request, Response
from gateway.problem import problem
from gateway.push_api import PushApi
from gateway.settings import ServerSettings

_PUSHES = "/v1/pushes"
_NamedHandler = Callable[[Request, str], Awaitable[Response]]


class _Named(Struct, frozen=True):
    """Paths of a prefix and one more segment, which the handler is given still percent-encoded."""

    prefix: str
    methods: Mapping[str, _NamedHandler]


class Routes:
    """The gateway's handler, and the bound on what it is handed."""

    def __init__(
        self,
        callbacks: CallbackRoutes,
        pushes: PushApi,
        dead: DeadLetters,
        health: Health,
        settings: ServerSettings,
    ) -> None:
        self._settings = settings
        self._named = (
            _Named("/callback/", {"POST": callbacks.receive, "GET": callbacks.verify}),
            _Named(_PUSHES + "/", {"GET": pushes.show, "DELETE": pushes.cancel}),
        )
        self._exact: Mapping[str, Mapping[str, Callable[[Request], Awaitable[Response]]]] = {
            _PUSHES: {"POST": pushes.enqueue},
            "/v1/dead": {"GET": dead.show},
            "/v1/dead/replay": {"POST": dead.replay},
            "/livez": {"GET": health.live},
            "/readyz": {"GET": health.ready},
        }

    async def handle(self, request: Request) -> Response:
        """Answer a request: 404 for an unknown path, 405 for a known one with another method."""
        for route in self._named:
            name = request.path.removeprefix(route.prefix)
            if name and name != request.path and "/" not in name:
                named = route.methods.get(request.method)
                return await named(request, name) if named else _not_allowed(route.methods)
        methods = self._exact.get(request.path)
        if methods is None:
            return problem(404, "Not found", "there is nothing at this path")
        handler = methods.get(request.method)
        return await handler(request) if handler else _not_allowed(methods)

    def body_limit(self, method: str, path: str) -> int:
        """The largest body in bytes; a batch of pushes may be larger than anything else."""
        if method == "POST" and path == _PUSHES:
            return self._settings.max_batch_bytes
        return self._settings.max_body_bytes


def _not_allowed(methods: Mapping[str, object]) -> Response:
    allow = ", ".join(sorted(methods))
    return problem(405, "Method not allowed", f"allowed here: {allow}", headers=((b"Allow", allow.encode()),))
