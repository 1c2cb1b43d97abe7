"""Short ways to make the records these tests are about."""

import math

from queues.limits.rate import Lease
from queues.push import Claim, Push
from tests.queues.makers import NOW

PUSH_ID = "1-01HWCDKE4Y0000000000000000"


def claim(*, attempts: int = 0, until: float = math.inf, channel: str = "template", number: int = 3) -> Claim:
    push = Push(
        id=PUSH_ID,
        account="city",
        upstream="violations",
        channel=channel,
        recipient="oUSER0",
        body=b'{"template_id":"T","data":{"thing1":{"value":"\xe8\x93\x9d"}}}',
        priority="normal",
        accepted_at=NOW,
        send_at=0,
        expire_at=0,
        tags={},
    )
    return Claim(push=push, number=number, attempts=attempts, until=until)


def leased(granted: int, *, good_from: float = 100.0, good_seconds: float = 0.015, interval: float = 0.01) -> Lease:
    """Tokens of a lease, `interval` seconds apart; times are monotonic."""
    return Lease(
        granted=granted,
        wait_seconds=0,
        state="granted",
        day=1,
        reason="",
        good_from=good_from,
        good_seconds=good_seconds,
        interval=interval,
    )
