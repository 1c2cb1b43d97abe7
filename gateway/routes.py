"""Which handler answers which method and path."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from gateway.accounts.desk import QUOTA, RESUME, AccountDesk
from gateway.authorization import Keyring
from gateway.callbacks.receiver import RECEIVE, VERIFY, CallbackReceiver
from gateway.health import LIVE, READY, Health
from gateway.http.messages import Answer, Request, Response
from gateway.http.problem import problem
from gateway.http.refusal import RefusedRequestError
from gateway.http.request_head import Head
from gateway.http.request_tasks import RequestTasks
from gateway.openapi import DESCRIBE, OpenApi
from gateway.operation import Operation
from gateway.pushes.dead_letters import LIST, REPLAY, DeadLetters
from gateway.pushes.desk import CANCEL, SHOW, PushDesk
from gateway.pushes.intake import ENQUEUE, PushIntake
from gateway.pushes.pictures.gallery import PICTURE, Gallery
from gateway.request_timer import timed
from gateway.settings import ServerSettings

_Handle = Callable[[Request, str, Answer], None]
"""Is also given the path's last segment, or the account that it names, still percent-encoded."""


class Routes:
    """The gateway's handler, and the bound on what it is handed."""

    def __init__(
        self,
        keyring: Keyring,
        callbacks: CallbackReceiver,
        intake: PushIntake,
        pushes: PushDesk,
        dead: DeadLetters,
        desk: AccountDesk,
        gallery: Gallery,
        health: Health,
        settings: ServerSettings,
        tasks: RequestTasks,
    ) -> None:
        self._settings = settings
        self._keyring = keyring
        self._tasks = tasks
        handlers: dict[Operation, _Handle] = {
            VERIFY: callbacks.verify,
            RECEIVE: callbacks.receive,
            ENQUEUE: self._waiting(timed("enqueue", intake.enqueue)),
            SHOW: self._waiting_named(timed("show", pushes.show)),
            CANCEL: self._waiting_named(timed("cancel", pushes.cancel)),
            LIST: self._waiting(timed("dead", dead.show)),
            REPLAY: self._waiting(timed("replay", dead.replay)),
            QUOTA: self._waiting_named(timed("quota", desk.quota)),
            RESUME: self._waiting_named(timed("resume", desk.resume)),
            PICTURE: self._waiting_named(timed("picture", gallery.show)),
            LIVE: self._waiting(health.live),
            READY: self._waiting(health.ready),
        }
        described = OpenApi((*handlers, DESCRIBE))
        handlers[DESCRIBE] = self._waiting(described.show)
        self._exact: dict[str, dict[str, _Handle]] = {}
        self._last: dict[str, dict[str, _Handle]] = {}  # by what stands before a parameter that is the last segment
        self._middle: dict[tuple[str, str], dict[str, _Handle]] = {}  # and the segment after one
        for operation, handle in handlers.items():
            before, after = operation.around
            if not operation.parameter:
                methods = self._exact.setdefault(operation.path, {})
            elif after:
                methods = self._middle.setdefault((before, after), {})
            else:
                methods = self._last.setdefault(before, {})
            methods[operation.method] = handle

    def handle(self, request: Request, answer: Answer) -> None:
        """Answer a request: 404 for an unknown path, 405 for a known one with another method.

        HEAD is a GET whose body the connection leaves out.
        """
        prefix, _, name = request.path.rpartition("/")
        methods = (self._last.get(prefix) if name else None) or self._exact.get(request.path)
        if methods is None:
            before, _, middle = prefix.rpartition("/")
            methods, name = self._middle.get((before, name)) if middle else None, middle
        if methods is None:
            answer(problem(404, "Not found", "there is nothing at this path"))
        elif handle := methods.get("GET" if request.method == "HEAD" else request.method):
            handle(request, name, answer)
        else:
            answer(_not_allowed(methods))

    def body_limit(self, head: Head) -> int:
        """The largest body in bytes; a batch of pushes may be larger than anything else, from an upstream we know.

        Raises:
            RefusedRequestError: nobody's batch, refused before it is read.
        """
        most = self._settings.max_body_bytes
        if (head.method, head.path) == (ENQUEUE.method, ENQUEUE.path):
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
    allow = ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))
    return problem(405, "Method not allowed", f"allowed here: {allow}", headers=((b"Allow", allow.encode()),))
