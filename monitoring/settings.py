"""The `[metrics]` table."""

from msgspec import Struct


class MetricsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where `GET /metrics` answers for all processes of this machine together."""

    bind: str = "127.0.0.1:9090"
