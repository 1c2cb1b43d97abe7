"""What one error code means."""

from typing import Literal

from msgspec import Struct

Kind = Literal["retry", "token", "quota", "duplicate", "recipient", "request", "account"]
"""What kind of trouble a code tells of.

* `retry`: passing; send again. Without a `wait` it is also a sign of strain: fewer at once.
* `token`: the access token is no longer good.
* `quota`: too many, until a time.
* `duplicate`: done before, so as good as sent.
* `recipient`: this recipient does not take it.
* `request`: wrong, and stays so.
* `account`: a person must act.
"""

Scope = Literal["push", "recipient", "recipient+template", "recipient or account", "template", "api", "account"]
"""What is held back or marked besides the push itself.

`recipient or account`: the sources disagree, so it is the recipient's, unless many recipients have it at once.
"""

Period = Literal["", "minute", "day", "month"]

_PERIODS: tuple[Period, ...] = ("minute", "day", "month")


class Rule(Struct, frozen=True, kw_only=True):
    """One row. `wait` seconds, or until the `period` turns; `repeats` at most (None: the pusher's `max_attempts`)."""

    kind: Kind
    scope: Scope = "push"
    wait: float = 0
    period: Period = ""
    repeats: int | None = None
    errmsg: str = ""
    action: str = ""


UNKNOWN = Rule(
    kind="request", wait=60, repeats=1, errmsg="any other code", action="one repeat after a minute, then given up"
)
"""A code in no table: never repeated without end."""


def split_wait(wait: str) -> tuple[float, Period]:
    """A row's `wait`: seconds, or the period that must turn. Raises ValueError."""
    for period in _PERIODS:
        if wait == period:
            return 0, period
    return float(wait or 0), ""
