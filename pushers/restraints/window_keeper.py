"""Keeps sends within the windows that recipients open: enters before each, and puts right what the platform says."""

import structlog

from pushers.outcomes.fallback import OUTSIDE_WINDOW, WINDOW_USED_UP
from pushers.verdict import Verdict
from queues.errors import StoreUnavailableError
from queues.events.windows import close_window, enter_window, return_to_window
from queues.push import Push
from queues.store import Store

log = structlog.get_logger()

GRACE_SECONDS = 2.0
"""A push this young is looked at again: upstreams may answer an event before our dispatcher has opened the window."""

CLOSED = Verdict(
    kind="dead",
    closed=True,
    error="outside the 48-hour window: the recipient must turn to the account first",
)
USED_UP = Verdict(
    kind="dead",
    closed=True,
    error="the 48-hour window is used up: the recipient must turn to the account again",
)


class WindowKeeper:
    """The windows of all accounts, for one process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def grace_ends(push: Push) -> float:
        """Until when a closed window may still turn out to be open, in seconds since the epoch."""
        return max(push.accepted_at, push.send_at) + GRACE_SECONDS

    async def refusal(self, push: Push) -> Verdict | None:
        """Why the push must not go out now; None if it may, and then one message of the window is spent.

        Raises:
            StoreUnavailableError: one may have been spent.
        """
        match await enter_window(self._store, push.account, push.recipient):
            case "open":
                return None
            case "closed":
                return CLOSED
            case "used":
                return USED_UP

    async def note(self, push: Push, verdict: Verdict | None) -> None:
        """What became of a push that was let through; None: it was not sent."""
        try:
            if verdict is None or (verdict.kind != "sent" and not verdict.unknown):
                if verdict is not None and verdict.errcode in {OUTSIDE_WINDOW, WINDOW_USED_UP}:
                    await close_window(self._store, push.account, push.recipient)
                else:
                    await return_to_window(self._store, push.account, push.recipient)
        except StoreUnavailableError:
            # The platform has the last word on its windows: at worst it refuses one send more, or gets one less.
            log.warning("window not put right, store unavailable", account=push.account)
