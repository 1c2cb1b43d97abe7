"""Series that exist before their first event, so that an alert on a rate sees the first one as well."""

from collections.abc import Iterable

from monitoring import names

CALLBACK_RESULTS = ("accepted", "duplicate", "rejected_signature", "rejected_parse", "shed")
FINAL_STATES = ("delivered", "failed", "suppressed", "expired", "cancelled", "dead")
OTHER_EVENT = "other"
"""The label of callbacks whose event is not known, as those are that are refused unread."""


def export_gateway_zeros(accounts: Iterable[str]) -> None:
    """What one gateway counts for each account."""
    for kind in ("event", "push"):
        names.APPEND_BATCH_SIZE.labels(kind)
        names.APPEND_SECONDS.labels(kind)
    names.CONNECTIONS_REFUSED.labels("max_connections")
    for account in accounts:
        names.CALLBACK_SECONDS.labels(account)
        for result in CALLBACK_RESULTS:
            names.CALLBACKS.labels(account, OTHER_EVENT, result)


def export_pusher_zeros(accounts: Iterable[str]) -> None:
    """What one pusher counts for each account."""
    for account in accounts:
        names.BREAKER_OPEN.labels(account).set(0)
        names.LIMIT_WAIT_SECONDS.labels(account, "template")
        for result in ("failed", "refused"):
            names.TOKEN_REFRESH.labels(account, result)
        for state in FINAL_STATES:
            names.PUSHES_FINISHED.labels(account, "template", state)
