"""Tells a recipient's trouble from the account's, where one code may mean either; does no I/O.

The sources disagree on 50002, "user limited": the recipient is frozen, or the interface is forbidden to the account.
Frozen recipients come one by one; a forbidden account has the code for everybody.
"""

from collections import OrderedDict

from msgspec.structs import replace

from pushers.verdict import HOLD_SECONDS, Verdict

RECIPIENTS = 10
WITHIN_SECONDS = 60.0


class Crowd:
    """The last recipients, at most `RECIPIENTS`, that had a doubtful code. Times are on the monotonic clock."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, float] = OrderedDict()

    def judge(self, verdict: Verdict, recipient: str, now: float) -> Verdict:
        """The verdict itself, or a `stop` of the account if too many recipients had it within a minute."""
        if verdict.scope != "recipient or account":
            return verdict
        self._seen.pop(recipient, None)
        self._seen[recipient] = now
        while len(self._seen) > RECIPIENTS:
            self._seen.popitem(last=False)
        first = next(iter(self._seen.values()))
        if len(self._seen) < RECIPIENTS or now - first > WITHIN_SECONDS:
            return verdict
        self._seen.clear()
        return replace(verdict, kind="stop", scope="account", seconds=HOLD_SECONDS)
