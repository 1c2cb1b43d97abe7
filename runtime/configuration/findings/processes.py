"""What may be wrong with the tables about processes: what they take, how they send, what they show."""

from collections.abc import Iterator

from gateway.http.tls import make_context
from gateway.pushes.pictures.allow_list import AllowList
from gateway.pushes.pictures.settings import PictureSettings
from gateway.settings import ServerSettings, TlsSettings
from monitoring.settings import MetricsSettings, TracingSettings
from pushers.settings import PusherSettings
from runtime.configuration.findings import ranges
from runtime.configuration.findings.ranges import Finding
from runtime.configuration.log_settings import LogSettings

_MAX_PROCESSES = 256
_MAX_BACKLOG = 65_535
_MAX_PICTURE_BYTES = 10_485_760  # what the platform takes at most
_MIN_SIGNING_KEY = 16
_MAX_LINES = 1e6


def server_findings(server: ServerSettings) -> Iterator[Finding]:
    yield from ranges.address(("server", "bind"), server.bind)
    yield from ranges.between(("server", "processes"), server.processes, 1, _MAX_PROCESSES)
    yield from ranges.between(("server", "backlog"), server.backlog, 1, _MAX_BACKLOG)
    for name in ("max_connections", "max_body_bytes", "max_batch_bytes"):
        yield from ranges.at_least(("server", name), getattr(server, name), 1)
    yield from ranges.duration(("server", "request_seconds"), server.request_seconds)
    for name in ("drain_seconds", "freshness_seconds"):
        yield from ranges.between(("server", name), getattr(server, name), 0, ranges.MAX_SECONDS)
    yield from _tls(server.tls)
    for name in ("max_queued", "max_drain_seconds"):
        yield from ranges.at_least(("server", name), getattr(server, name), 0)
    yield from ranges.between(("server", "max_memory_share"), server.max_memory_share, 0.01, 1)


def _tls(tls: TlsSettings) -> Iterator[Finding]:
    for name, other in (("certificate", "key"), ("key", "certificate")):
        if getattr(tls, name) and not getattr(tls, other):
            yield ("server", "tls", other), f"missing; server.tls.{name} alone is no TLS"
            return
    if tls:
        try:
            make_context(tls)
        except OSError as error:
            reason = error.strerror or "they do not fit"
            yield ("server", "tls"), f"no TLS with {tls.certificate} and {tls.key}: {reason}"


def pusher_findings(pushers: PusherSettings) -> Iterator[Finding]:
    yield from ranges.between(("pushers", "processes"), pushers.processes, 0, _MAX_PROCESSES)
    for name in ("in_flight", "max_attempts"):
        yield from ranges.at_least(("pushers", name), getattr(pushers, name), 1)
    for name in ("claim_seconds", "retain_seconds", "send_seconds"):
        yield from ranges.duration(("pushers", name), getattr(pushers, name))
    if pushers.claim_seconds <= pushers.send_seconds:
        bound = f"pushers.send_seconds ({pushers.send_seconds:g})"
        yield ("pushers", "claim_seconds"), f"must be longer than {bound}, or a push is taken over while it is sent"


def picture_findings(pictures: PictureSettings) -> Iterator[Finding]:
    for name in ("fetch_seconds", "keep_seconds"):
        yield from ranges.duration(("pictures", name), getattr(pictures, name))
    yield from ranges.between(("pictures", "max_bytes"), pictures.max_bytes, 1, _MAX_PICTURE_BYTES)
    for entry in pictures.allow:
        try:
            AllowList([entry])
        except ValueError as error:
            yield ("pictures", "allow"), str(error)
    if pictures.public_url:
        yield from ranges.url(("pictures", "public_url"), pictures.public_url, "https://push.example.com")
        if len(pictures.key.reveal()) < _MIN_SIGNING_KEY:
            yield ("pictures", "key"), f"links need one of at least {_MIN_SIGNING_KEY} characters to be signed with"


def metrics_findings(metrics: MetricsSettings, server: ServerSettings) -> Iterator[Finding]:
    if metrics.bind:
        yield from ranges.address(("metrics", "bind"), metrics.bind)
    if metrics.bind == server.bind and not metrics.bind.endswith(":0"):
        yield ("metrics", "bind"), "the same as server.bind; give /metrics a port of its own"


def log_findings(logs: LogSettings) -> Iterator[Finding]:
    yield from ranges.between(("logs", "lines_per_second"), logs.lines_per_second, 0, _MAX_LINES)
    yield from ranges.between(("logs", "sent_share"), logs.sent_share, 0, 1)


def tracing_findings(tracing: TracingSettings) -> Iterator[Finding]:
    if tracing.endpoint:
        yield from ranges.url(("tracing", "endpoint"), tracing.endpoint, "http://127.0.0.1:4318/v1/traces")
    yield from ranges.between(("tracing", "sample"), tracing.sample, 0, 1)
