"""When a push may be sent again although the platform may have it already; does no I/O.

An unanswered request is neither sent nor failed. Where the channel's own id lets the platform drop a repeat, repeating
is safe for as long as the platform remembers it. Where it is not, the account's `unknown_outcome` decides: at least
once (repeat, and risk a second message), or at most once (give up, and risk none).
"""

from collections.abc import Iterable, Mapping

from pushers.channels.channel import Channel
from queues.account import Account
from queues.keys import feed

MARGIN_SECONDS = 30.0
"""Taken off what the platform remembers: an attempt is dated when it is settled, a repeat sent after it is due."""


def safe_seconds(account: Account, channel: Channel) -> float | None:
    """How long after the first attempt an unknown outcome may be repeated; None: always."""
    if account.unknown_outcome == "at_least_once":
        return None
    return max(0.0, channel.repeat_safe_seconds - MARGIN_SECONDS)


def safe_by_feed(
    accounts: Iterable[Account], channels: Mapping[str, Channel], claim_seconds: float
) -> dict[str, float]:
    """The feeds whose lost claims may not simply be repeated, with how long that is safe after the claim's end."""
    limits = {}
    for account in accounts:
        for channel in channels.values():
            seconds = safe_seconds(account, channel) if account.offers(channel.kind) else None
            if seconds is not None:
                limits[feed(account.name, channel.api)] = max(0.0, seconds - claim_seconds)
    return limits
