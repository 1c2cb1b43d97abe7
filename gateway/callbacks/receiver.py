"""`/callback/{account}`: the platform verifies the URL and delivers messages and events.

How it works: a callback is answered `success` only once its event is on disk, and a repeat gets the same answer as the
first. If the store takes too long the answer is 503, while the platform still listens (it hangs up after 5 s and tries
again twice); the event may be appended after that all the same, and then its repeat is the duplicate. No task waits
for any of this: the appender calls back, within a deadline of its own. What could not be appended in time anyway is
refused as soon as it is known whose it is (`admission`).
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

import trio
from prometheus_client import Counter, Histogram

from gateway.admission import Admission
from gateway.callbacks.event_labels import OTHER, event_label
from gateway.callbacks.event_rank import rank_of
from gateway.callbacks.percent import decode_percent
from gateway.callbacks.reader import CallbackReader
from gateway.callbacks.rejection import RejectedCallbackError
from gateway.callbacks.signature import CallbackQuery
from gateway.http.messages import Answer, Request, Response
from gateway.http.problem import problem
from gateway.http.refusal_log import RefusalLog
from gateway.operation import TEXT, Operation
from gateway.store_trouble import store_unavailable
from monitoring.names import CALLBACK_SECONDS, CALLBACKS
from queues.account import Account
from queues.errors import StoreUnavailableError, TooManyWaitingError
from queues.event import CallbackEvent

_SUCCESS = Response(body=b"success")  # without quotes, which the platform reports as an invalid answer
_REPEAT = "the callback was not acknowledged; deliver it again"
# Made once: a flood of refusals is when time is short.
_NOT_APPENDED = store_unavailable(_REPEAT).response
_SHED = problem(503, "Too many callbacks wait", _REPEAT, headers=((b"Retry-After", b"1"),))

HandIn = Callable[[CallbackEvent, Callable[[bool | StoreUnavailableError], None]], None]
"""Calls back with whether the event is new, once it is on disk, or with why it may not be; raises StoreUnavailableError
if it is not even tried."""


VERIFY = Operation(
    id="verifyUrl",
    method="GET",
    path="/callback/{account}",
    summary="The platform verifies the URL: the echostr if the signature holds.",
    query=CallbackQuery,
    answers={200: TEXT},
    problems=(403, 404),
)
RECEIVE = Operation(
    id="receiveCallback",
    method="POST",
    path="/callback/{account}",
    summary="The platform delivers a message or an event: success once it is on disk.",
    query=CallbackQuery,
    bodies={"text/xml": TEXT},
    answers={200: TEXT},
    problems=(400, 403, 404, 413, 503),
)


class CallbackReceiver:
    """Answers the platform for every account.

    `hand_in` is the appender's, and bounds how long it takes; `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        freshness_seconds: float,
        *,
        hand_in: HandIn,
        admission: Admission,
        clock: Callable[[], float],
    ) -> None:
        self._readers = {account.name: CallbackReader(account, freshness_seconds) for account in accounts}
        self._hand_in = hand_in
        self._admission = admission
        self._clock = clock
        self.log = RefusalLog("callback refused", "account", "result")

    def verify(self, request: Request, account: str, answer: Answer) -> None:
        """`GET`: the echostr if the signature holds, else 403."""
        name = _decode_name(account)
        reader = self._readers.get(name)
        if reader is None:
            answer(_no_account())
            return
        try:
            answer(Response(body=reader.answer_verification(request.query, self._clock())))
        except RejectedCallbackError as rejection:
            self.log.record((name, rejection.result), str(rejection), trio.current_time(), request.headers)
            answer(problem(403, rejection.title, str(rejection)))

    def receive(self, request: Request, account: str, answer: Answer) -> None:
        """`POST`: 200 once the event is on disk."""
        started = trio.current_time()
        name = _decode_name(account)
        reader = self._readers.get(name)
        if reader is None:
            _counted(OTHER, OTHER, "rejected_account").inc()
            self.log.record((OTHER, "rejected_account"), "no such account", started, request.headers)
            answer(_no_account())
            return
        try:
            event = reader.read(request.query, request.body, self._clock())
        except RejectedCallbackError as rejection:
            self.log.record((name, rejection.result), str(rejection), started, request.headers)
            _counted(name, OTHER, rejection.result).inc()
            answer(problem(rejection.status, rejection.title, str(rejection)))
            return
        told = partial(self._answer_appended, request.headers, answer, name, event_label(event), started)
        if not self._admission.admits(rank_of(event), event.recipient.encode(), started):
            told(TooManyWaitingError("too many wait to be written"))
            return
        try:
            self._hand_in(event, told)
        except StoreUnavailableError as error:
            told(error)

    def _answer_appended(
        self,
        headers: Mapping[bytes, bytes],
        answer: Answer,
        account: str,
        label: str,
        started: float,
        appended: bool | StoreUnavailableError,
    ) -> None:
        _timed(account).observe(trio.current_time() - started)
        if isinstance(appended, bool):
            _counted(account, label, "accepted" if appended else "duplicate").inc()
            answer(_SUCCESS)
        else:
            _counted(account, label, "shed").inc()
            crowded = isinstance(appended, TooManyWaitingError)
            reason = "too many callbacks wait" if crowded else "the store did not take it in time"
            self.log.record((account, "shed"), reason, trio.current_time(), headers)
            answer(_SHED if crowded else _NOT_APPENDED)


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
