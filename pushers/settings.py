"""The `[pushers]` table."""

from msgspec import Struct

from queues.push import CLAIM_SECONDS, RETAIN_SECONDS


class PusherSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a pusher process claims, sends and gives up; times in seconds."""

    processes: int = 1
    in_flight: int = 200
    claim_seconds: float = CLAIM_SECONDS
    max_attempts: int = 8
    retain_seconds: float = RETAIN_SECONDS
    send_seconds: float = 5.0
