"""Everything that the gateway serves: which operation is answered by whom."""

from collections.abc import Awaitable, Callable
from functools import partial

from msgspec import Struct

from gateway.accounts.desk import QUOTA, RESUME, AccountDesk
from gateway.callbacks.receiver import RECEIVE, VERIFY, CallbackReceiver
from gateway.health import LIVE, READY, Health
from gateway.http.messages import Answer, Request, Response
from gateway.http.request_tasks import RequestTasks
from gateway.openapi import DESCRIBE, OpenApi
from gateway.operation import Operation
from gateway.pushes.dead_letters import LIST, REPLAY, DeadLetters
from gateway.pushes.desk import CANCEL, SHOW, PushDesk
from gateway.pushes.intake import ENQUEUE, PushIntake
from gateway.pushes.pictures.gallery import PICTURE, Gallery
from gateway.request_timer import timed
from gateway.routes import Handle


class Endpoints(Struct, frozen=True, kw_only=True):
    """Those who answer requests."""

    callbacks: CallbackReceiver
    intake: PushIntake
    pushes: PushDesk
    dead: DeadLetters
    accounts: AccountDesk
    gallery: Gallery
    health: Health

    def handlers(self, tasks: RequestTasks) -> dict[Operation, Handle]:
        """The handler of each operation.

        Callbacks are answered without a task. What an upstream may wait for has a task of `tasks`, and is timed.
        """
        waiting, waiting_named = partial(_waiting, tasks), partial(_waiting_named, tasks)
        handlers: dict[Operation, Handle] = {
            VERIFY: self.callbacks.verify,
            RECEIVE: self.callbacks.receive,
            ENQUEUE: waiting(timed("enqueue", self.intake.enqueue)),
            SHOW: waiting_named(timed("show", self.pushes.show)),
            CANCEL: waiting_named(timed("cancel", self.pushes.cancel)),
            LIST: waiting(timed("dead", self.dead.show)),
            REPLAY: waiting(timed("replay", self.dead.replay)),
            QUOTA: waiting_named(timed("quota", self.accounts.quota)),
            RESUME: waiting_named(timed("resume", self.accounts.resume)),
            PICTURE: waiting_named(timed("picture", self.gallery.show)),
            LIVE: waiting(self.health.live),
            READY: waiting(self.health.ready),
        }
        described = OpenApi((*handlers, DESCRIBE))
        return {**handlers, DESCRIBE: waiting(described.show)}


def _waiting(tasks: RequestTasks, handler: Callable[[Request], Awaitable[Response]]) -> Handle:
    def handle(request: Request, _name: str, answer: Answer) -> None:
        tasks.start(partial(handler, request), request, answer)

    return handle


def _waiting_named(tasks: RequestTasks, handler: Callable[[Request, str], Awaitable[Response]]) -> Handle:
    def handle(request: Request, name: str, answer: Answer) -> None:
        tasks.start(partial(handler, request, name), request, answer)

    return handle
