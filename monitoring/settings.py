"""The `[metrics]` and `[tracing]` tables."""

from msgspec import Struct


class MetricsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where `GET /metrics` answers for all processes of this machine together."""

    bind: str = "127.0.0.1:9090"


class TracingSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where spans go (OTLP over HTTP), and the share of the traces that begin here; no endpoint: no tracing."""

    endpoint: str = ""
    sample: float = 0.01
