"""How sends fare while the platform is in trouble, and how soon its rate is used again (R15)."""

import math
from collections.abc import Iterable, Sequence

from loadtests.audit.pushes import PlatformView
from loadtests.platform.ledger import RefusedRow, SendRow

WINDOW_SECONDS = 2.0
"""Over which the rate is looked at: shorter ones flicker."""
KNOWN_SECONDS = 2.0
"""After which no process should send on what it leased before."""


def repeats_share(platform: PlatformView, outages: Iterable[tuple[float, float]]) -> float | None:
    """Of the sends that reached the platform in its outages, the share that it had seen before; None without any.

    An outage is `(began, healed)`, in seconds since the epoch like the platform's rows.
    """
    spans = list(outages)
    rows: Sequence[SendRow | RefusedRow] = sorted([*platform.sends, *platform.refusals], key=lambda row: row.at)
    seen: set[str] = set()
    sends = repeats = 0
    for row in rows:
        if any(began <= row.at < healed for began, healed in spans):
            sends += 1
            repeats += row.client_msg_id in seen
        seen.add(row.client_msg_id)
    return round(repeats / sends, 4) if sends else None


def full_rate_again(sends: Sequence[float], healed: Iterable[float], per_second: float) -> float | None:
    """From the end of an outage to when 90 % of the rate is used, the longest; None where that is never reached.

    `sends` are the times of accepted ones, ascending.
    """
    enough = int(0.9 * per_second * WINDOW_SECONDS)
    waits = []
    for end in healed:
        after = [at for at in sends if at >= end]
        full = next(
            (after[i] for i in range(len(after) - enough) if after[i + enough] - after[i] <= WINDOW_SECONDS), None
        )
        if full is None:
            return None
        waits.append(full - end)
    return round(max(waits), 3) if waits else None


def tries_without_quota(platform: PlatformView, outages: Iterable[tuple[float, float]]) -> int | None:
    """Sends from when a spent quota must be known until one was accepted again, that one included; None without any.

    An outage is `(began, healed)`, in seconds since the epoch like the platform's rows.
    """
    spans = list(outages)
    if not spans:
        return None
    tries = 0
    for began, healed in spans:
        known = began + KNOWN_SECONDS
        accepted = min((row.at for row in platform.sends if row.at >= healed), default=math.inf)
        rows: Sequence[SendRow | RefusedRow] = [*platform.sends, *platform.refusals]
        tries += sum(known <= row.at <= accepted for row in rows)
    return tries
