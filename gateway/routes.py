"""Which handler answers which method and path."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from gateway.account_desk import AccountDesk
from gateway.authorization import Keyring
from gateway.callback_routes import CallbackRoutes
from gateway.dead_letters import DeadLetters
from gateway.health import Health
from gateway.messages import Answer, Request, Response
from gateway.problem import problem
from gateway.push_api import PushApi
from gateway.push_intake import PushIntake
from gateway.refusal import RefusedRequestError
from gateway.request_head import Head
from gateway.request_tasks import RequestTasks
from gateway.request_timer import timed
from gateway.settings import ServerSettings

_PUSHES = "/v1/pushes"
_ACCOUNTS = "/v1/accounts/"
_Handle = Callable[[Request, str, Answer], None]
"""Is also given the path's last segment, or the account that it names, still percent-encoded."""


class Routes:
    """The gateway's handler, and the bound on what it is handed."""

    def __init__(
        self,
        keyring: Keyring,
        callbacks: CallbackRoutes,
        intake: PushIntake,
        pushes: PushApi,
        dead: DeadLetters,
        desk: AccountDesk,
        health: Health,
        settings: ServerSettings,
        tasks: RequestTasks,
    ) -> None:
        self._settings = settings
        self._keyring = keyring
        self._tasks = tasks
        self._exact: Mapping[str, Mapping[str, _Handle]] = {
            _PUSHES: {"POST": self._waiting(timed("enqueue", intake.enqueue))},
            "/v1/dead": {"GET": self._waiting(timed("dead", dead.show))},
            "/v1/dead/replay": {"POST": self._waiting(timed("replay", dead.replay))},
            "/livez": {"GET": self._waiting(health.live)},
            "/readyz": {"GET": self._waiting(health.ready)},
        }
        self._of_accounts: Mapping[str, Mapping[str, _Handle]] = {
            "quota": {"GET": self._waiting_named(timed("quota", desk.quota))},
            "resume": {"POST": self._waiting_named(timed("resume", desk.resume))},
        }
        self._named: Mapping[str, Mapping[str, _Handle]] = {
            "/callback": {"POST": callbacks.receive, "GET": callbacks.verify},
            _PUSHES: {
                "GET": self._waiting_named(timed("show", pushes.show)),
                "DELETE": self._waiting_named(timed("cancel", pushes.cancel)),
            },
        }

    def handle(self, request: Request, answer: Answer) -> None:
        """Answer a request: 404 for an unknown path, 405 for a known one with another method."""
        prefix, _, name = request.path.rpartition("/")
        methods = (self._named.get(prefix) if name else None) or self._exact.get(request.path)
        if methods is None and prefix.startswith(_ACCOUNTS) and "/" not in prefix[len(_ACCOUNTS) :]:
            methods, name = self._of_accounts.get(name), prefix[len(_ACCOUNTS) :]
        if methods is None:
            answer(problem(404, "Not found", "there is nothing at this path"))
        elif handle := methods.get(request.method):
            handle(request, name, answer)
        else:
            answer(_not_allowed(methods))

    def body_limit(self, head: Head) -> int:
        """The largest body in bytes; a batch of pushes may be larger than anything else, from an upstream we know.

        Raises:
            RefusedRequestError: nobody's batch, refused before it is read.
        """
        most = self._settings.max_body_bytes
        if head.method == "POST" and head.path == _PUSHES:
            if self._keyring.find(head.fields.headers):
                return self._settings.max_batch_bytes
            if head.fields.length > most:
                raise RefusedRequestError(401, "send the key of a configured upstream with a request of this size")
        return most

    def _waiting(self, handler: Callable[[Request], Awaitable[Response]]) -> _Handle:
        def handle(request: Request, _name: str, answer: Answer) -> None:
            self._tasks.start(partial(handler, request), request, answer)

        return handle

    def _waiting_named(self, handler: Callable[[Request, str], Awaitable[Response]]) -> _Handle:
        def handle(request: Request, name: str, answer: Answer) -> None:
            self._tasks.start(partial(handler, request, name), request, answer)

        return handle


def _not_allowed(methods: Mapping[str, object]) -> Response:
    allow = ", ".join(sorted(methods))
    return problem(405, "Method not allowed", f"allowed here: {allow}", headers=((b"Allow", allow.encode()),))
