"""Series that exist before their first event, so that an alert on a rate sees the first one as well."""

from collections.abc import Iterable, Sequence
from itertools import product

from monitoring import names

CALLBACK_RESULTS = ("accepted", "duplicate", "rejected_signature", "rejected_parse", "shed")
PUSH_RESULTS = ("queued", "scheduled", "duplicate", "rejected", "shed")
FINAL_STATES = ("delivered", "failed", "suppressed", "expired", "cancelled", "dead")
VERDICTS = ("sent", "retry", "token", "park", "suppressed", "dead", "stop")
TOKEN_RESULTS = ("refreshed", "forced", "failed", "refused")
WEBHOOK_RESULTS = ("delivered", "retried", "given_up")
REFUSALS = ("max_connections", "timeout", "too_large", "unauthorized", "unsupported", "malformed", "slow_reader")
ROUTES = ("enqueue", "show", "cancel", "dead", "replay", "quota", "resume", "picture")
PRIORITIES = ("high", "normal", "bulk")
USUAL_CHANNEL = "template"
"""Zeros are for the channel that every account has; another one's series begin with its first push."""
OTHER = "other"
"""What is not known: the event of a callback refused unread, an account or a channel that somebody made up."""


def export_gateway_zeros(accounts: Sequence[str], upstreams: Iterable[str]) -> None:
    """What one gateway counts for each account and each upstream."""
    names.ADMISSION_LEVEL.set(0)
    for kind in ("event", "push"):
        names.APPEND_BATCH_SIZE.labels(kind)
        names.APPEND_SECONDS.labels(kind)
    for operation in ("append_events", "append_pushes"):
        names.STORE_ERRORS.labels(operation)
    for reason in REFUSALS:
        names.CONNECTIONS_REFUSED.labels(reason)
    names.CALLBACKS.labels(OTHER, OTHER, "rejected_account")
    for account in accounts:
        names.CALLBACK_SECONDS.labels(account)
        for result in CALLBACK_RESULTS:
            names.CALLBACKS.labels(account, OTHER, result)
    for route in ROUTES:
        names.REQUEST_SECONDS.labels(route, "2xx")
    for upstream in upstreams:
        names.PUSHES_ACCEPTED.labels(OTHER, OTHER, upstream, "rejected")
        for account, result in product(accounts, PUSH_RESULTS):
            names.PUSHES_ACCEPTED.labels(account, USUAL_CHANNEL, upstream, result)


def export_pusher_zeros(accounts: Sequence[str], told: Iterable[str]) -> None:
    """What one pusher counts for each account, and for the upstreams that are `told` how their pushes end."""
    for operation in ("supply", "settle", "lease", "sweep"):
        names.STORE_ERRORS.labels(operation)
    for kind in ("due", "reclaimed"):
        names.QUEUE_MOVES.labels(kind)
    for kind in ("push", "event"):
        names.RECORDS_UNREADABLE.labels(kind)
    for upstream, result in product(told, WEBHOOK_RESULTS):
        names.WEBHOOKS.labels(upstream, result)
    for account in accounts:
        names.CLAIMS_LOST.labels(account)
        names.BREAKER_OPEN.labels(account).set(0)
        names.LIMIT_WAIT_SECONDS.labels(account, USUAL_CHANNEL)
        names.PUSH_ERRCODES.labels(account, "0")
        for result in TOKEN_RESULTS:
            names.TOKEN_REFRESH.labels(account, result)
        for verdict in VERDICTS:
            names.PUSH_ATTEMPTS.labels(account, USUAL_CHANNEL, verdict)
        for state in FINAL_STATES:
            names.PUSHES_FINISHED.labels(account, USUAL_CHANNEL, state)
        for priority in PRIORITIES:
            names.PUSH_WAIT_SECONDS.labels(account, USUAL_CHANNEL, priority)
            names.PUSH_SEND_SECONDS.labels(account, USUAL_CHANNEL, priority)
            names.PUSH_DELIVERY_SECONDS.labels(account, USUAL_CHANNEL, priority)
