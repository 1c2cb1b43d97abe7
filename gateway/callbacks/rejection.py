"""Why a callback is refused: by the stage that found it, with its HTTP status and its metric label.

What is refused here is never appended. The platform sends it again and is refused again, so the words go to the
operator who set the account up: they name the setting to look at, and never an OPENID, a secret or the message.
"""

from typing import ClassVar


class RejectedCallbackError(Exception):
    """A callback that is not answered `success`; `str()` of it may be shown to whoever sent it."""

    status: ClassVar[int] = 400
    result: ClassVar[str] = "rejected_parse"
    title: ClassVar[str] = "The callback cannot be read"


class ForgedCallbackError(RejectedCallbackError):
    """Nothing proves that it comes from the platform, is meant for this account, and is new."""

    status = 403
    result = "rejected_signature"
    title = "The callback is not authentic"


class UnreadableCallbackError(RejectedCallbackError):
    """It is authentic but is not a message or an event that we understand."""
