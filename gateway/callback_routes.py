"""`/callback/{account}`: the platform verifies the URL and delivers messages and events.

How it works: a callback is answered `success` only once its event is on disk, and a repeat gets the same answer as the
first. If the store takes too long the answer is 503, while the platform still listens (it hangs up after 5 s and tries
again twice); the event may be appended after that all the same, and then its repeat is the duplicate. The deadline is
the appender's own: a cancel scope a callback costs a tenth of all that a callback costs.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import cache

import structlog
import trio
from prometheus_client import Counter, Histogram

from gateway.callback import CallbackReader
from gateway.callback_log import RejectionLog
from gateway.event_labels import OTHER, event_label
from gateway.messages import Request, Response
from gateway.percent import decode_percent
from gateway.problem import problem
from gateway.rejection import RejectedCallbackError
from gateway.store_trouble import store_unavailable
from monitoring.names import CALLBACK_SECONDS, CALLBACKS
from queues.account import Account
from queues.errors import StoreUnavailableError
from queues.event import CallbackEvent

_SUCCESS = Response(body=b"success")  # without quotes, which the platform reports as an invalid answer

Append = Callable[[CallbackEvent], Awaitable[bool]]


class CallbackRoutes:
    """Answers the platform for every account.

    `append` is the store's, and bounds how long it takes; `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        freshness_seconds: float,
        *,
        append: Append,
        clock: Callable[[], float],
    ) -> None:
        self._readers = {account.name: CallbackReader(account, freshness_seconds) for account in accounts}
        self._append = append
        self._clock = clock
        self._log = RejectionLog(structlog.get_logger())

    async def verify(self, request: Request, account: str) -> Response:
        """`GET`: the echostr if the signature holds, else 403."""
        reader = self._readers.get(_decode_name(account))
        if reader is None:
            return _no_account()
        try:
            return Response(body=reader.answer_verification(request.query, self._clock()))
        except RejectedCallbackError as rejection:
            self._log.record(_decode_name(account), rejection, trio.current_time())
            return problem(403, rejection.title, str(rejection))

    async def receive(self, request: Request, account: str) -> Response:
        """`POST`: 200 once the event is on disk."""
        started = trio.current_time()
        name = _decode_name(account)
        reader = self._readers.get(name)
        if reader is None:
            _counted(OTHER, OTHER, "rejected_account").inc()
            return _no_account()
        try:
            event = reader.read(request.query, request.body, self._clock())
        except RejectedCallbackError as rejection:
            self._log.record(name, rejection, started)
            _counted(name, OTHER, rejection.result).inc()
            return problem(rejection.status, rejection.title, str(rejection))
        label = event_label(event)
        try:
            fresh = await self._append(event)
        except StoreUnavailableError:
            _counted(name, label, "shed").inc()
            return store_unavailable("the callback was not acknowledged; deliver it again")
        finally:
            _timed(name).observe(trio.current_time() - started)
        _counted(name, label, "accepted" if fresh else "duplicate").inc()
        return _SUCCESS


def _decode_name(account: str) -> str:
    """The account in a path; one that is malformed is like one that is not known."""
    if "%" not in account:
        return account
    try:
        return decode_percent(account)
    except ValueError:
        return ""


def _no_account() -> Response:
    return problem(404, "No such account", "no account of this name is configured")


# prometheus_client takes a lock and builds a tuple at each `labels`; there are only as many children as labels.
@cache
def _counted(account: str, event: str, result: str) -> Counter:
    return CALLBACKS.labels(account, event, result)


@cache
def _timed(account: str) -> Histogram:
    return CALLBACK_SECONDS.labels(account)
