"""When a push goes on to its next channel; does no I/O.

How it works: a push may name further channels, each with the reasons that lead to it. When a channel ends with such a
reason, the next channel's body takes the place of the last one's and the push is queued again: it is still one push
under one id. It moves only on a definite no, so that it is delivered once: never for want of an answer, and after an
attempt whose outcome is unknown only where a repeat could not have arrived twice (`settle.lua` sees to that). A
recipient that takes nothing at all from the platform takes it on none of its channels, and may on a webhook.
"""

from typing import Literal

from msgspec import structs

from pushers.verdict import Verdict
from queues.push import WEBHOOK, Push

Reason = Literal["window", "refused", "rejected"]

OUTSIDE_WINDOW = 45015
WINDOW_USED_UP = 45047


def reason_of(verdict: Verdict) -> Reason | None:
    """Why the channel did not take it.

    * `window`: the recipient may not be answered now, by our own books or the platform's.
    * `refused`: the recipient does not take this message, or nothing at all.
    * `rejected`: the platform, or a webhook's receiver, finds the message wrong.
    """
    if verdict.closed or verdict.errcode in {OUTSIDE_WINDOW, WINDOW_USED_UP}:
        return "window"
    if verdict.kind == "suppressed":
        return "refused"
    return "rejected" if verdict.kind == "dead" and verdict.errcode is not None else None


def next_push(push: Push, verdict: Verdict) -> Push | None:
    """The push on the first further channel that this verdict leads to; those before that are passed over."""
    reason = reason_of(verdict)
    takes_nothing = reason == "refused" and verdict.scope == "recipient"
    for position, step in enumerate(push.fallback, 1):
        if reason in step.on and (step.channel == WEBHOOK or not takes_nothing):
            return structs.replace(push, channel=step.channel, body=step.body, fallback=push.fallback[position:])
    return None
