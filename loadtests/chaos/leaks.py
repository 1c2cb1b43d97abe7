"""Looks for secrets and people in a log: whatever of them stands in one line is a leak.

How it works: the run knows every secret it configured and every recipient it used, so the words themselves are looked
for and not what they may look like. Recipients are many: each place where one of their first letters stand is compared
with all of them at once. Access tokens are the platform's to make up; the simulator's end in a long row of `t`.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping

TOKEN_TAIL = "t" * 40

_BEGINNING = 5  # letters that all recipients of a generator share


def find_leaks(log: str, secrets: Mapping[str, str], recipients: Collection[str]) -> dict[str, int]:
    """How often each kind of secret stands in the log, by its name in `secrets`; `recipient`; `access token`."""
    found = Counter({name: log.count(secret) for name, secret in secrets.items() if secret})
    found["access token"] = log.count(TOKEN_TAIL)
    found["recipient"] = _count_recipients(log, frozenset(recipients))
    return {name: count for name, count in found.items() if count}


def _count_recipients(log: str, recipients: frozenset[str]) -> int:
    beginnings = {recipient[:_BEGINNING] for recipient in recipients}
    lengths = {len(recipient) for recipient in recipients}
    if not beginnings:
        return 0
    places = re.finditer("|".join(map(re.escape, beginnings)), log)
    return sum(any(log[place.start() : place.start() + length] in recipients for length in lengths) for place in places)
