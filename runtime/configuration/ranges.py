"""What the types cannot say about the configuration: ranges, patterns and what must agree with what."""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence

from gateway.http.tls import make_context
from gateway.pushes.pictures.allow_list import AllowList
from gateway.pushes.pictures.settings import PictureSettings
from gateway.settings import ServerSettings, TlsSettings, Upstream
from gateway.upstream_key import MIN_KEY_LENGTH
from monitoring.settings import MetricsSettings, TracingSettings
from pushers.settings import PusherSettings
from pushers.webhooks.signature import read_secret
from queues.account import Account
from queues.quiet import QuietHours, QuietSpan
from queues.settings import StoreSettings
from queues.store_address import SCHEMES, read_address
from queues.time_zone import zone_of
from runtime.configuration.addresses import is_web_address, parse_address
from runtime.configuration.log_settings import LogSettings
from runtime.configuration.reader import Path
from runtime.configuration.suggestions import nearest

Finding = tuple[Path, str]
"""A key and what is wrong with it."""

APIS = ("template", "subscribe", "custom", "mass", "media", "token", "wecom", "webhook")
TEMPLATED = ("template", "subscribe")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_NAME_WORDS = "expected 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit"
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY_LENGTH, _AES_KEY_BYTES = 43, 32
_MAX_PROCESSES = 256
_MAX_PICTURE_BYTES = 10_485_760  # what the platform takes at most
_MIN_SIGNING_KEY = 16
_MAX_SHARDS = 256
_MAX_LINES = 1e6
_LEAST_RATE, _MAX_RATE = 0.001, 1e6
_MAX_BACKLOG = 65_535
_MAX_SECONDS = 366 * 86_400.0


def server_findings(server: ServerSettings) -> Iterator[Finding]:
    yield from _address(("server", "bind"), server.bind)
    yield from _between(("server", "processes"), server.processes, 1, _MAX_PROCESSES)
    yield from _between(("server", "backlog"), server.backlog, 1, _MAX_BACKLOG)
    for name in ("max_connections", "max_body_bytes", "max_batch_bytes"):
        yield from _at_least(("server", name), getattr(server, name), 1)
    yield from _duration(("server", "request_seconds"), server.request_seconds)
    for name in ("drain_seconds", "freshness_seconds"):
        yield from _between(("server", name), getattr(server, name), 0, _MAX_SECONDS)
    yield from _tls(server.tls)
    for name in ("max_queued", "max_drain_seconds"):
        yield from _at_least(("server", name), getattr(server, name), 0)
    yield from _between(("server", "max_memory_share"), server.max_memory_share, 0.01, 1)


def store_findings(store: StoreSettings) -> Iterator[Finding]:
    yield from _store_url(store.url)
    if not store.data_dir:
        yield ("store", "data_dir"), "empty; name a directory for the embedded store's files"
    yield from _between(("store", "shards"), store.shards, 1, _MAX_SHARDS)
    yield from _at_least(("store", "replicas"), store.replicas, 1)
    yield from _at_least(("store", "max_memory_bytes"), store.max_memory_bytes, 0)
    yield from _between(("store", "retain_events_seconds"), store.retain_events_seconds, 1, _MAX_SECONDS)
    if store.url == "embedded" and store.durability == "replica":
        yield (
            ("store", "durability"),
            "the embedded store has no replicas; choose fsync or memory, or give store.url a store that has them",
        )


def _store_url(url: str) -> Iterator[Finding]:
    if url == "embedded":
        return
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES:
        near = nearest(scheme, (*SCHEMES, "embedded"))
        hint = f"; did you mean {near}?" if near else ""
        yield ("store", "url"), f"expected embedded or a URL with {', '.join(s + '://' for s in SCHEMES)}{hint}"
        return
    try:
        read_address(url)
    except ValueError as error:
        yield ("store", "url"), str(error)


def pusher_findings(pushers: PusherSettings) -> Iterator[Finding]:
    yield from _between(("pushers", "processes"), pushers.processes, 0, _MAX_PROCESSES)
    for name in ("in_flight", "max_attempts"):
        yield from _at_least(("pushers", name), getattr(pushers, name), 1)
    for name in ("claim_seconds", "retain_seconds", "send_seconds"):
        yield from _duration(("pushers", name), getattr(pushers, name))
    if pushers.claim_seconds <= pushers.send_seconds:
        bound = f"pushers.send_seconds ({pushers.send_seconds:g})"
        yield ("pushers", "claim_seconds"), f"must be longer than {bound}, or a push is taken over while it is sent"


def metrics_findings(metrics: MetricsSettings) -> Iterator[Finding]:
    if metrics.bind:
        yield from _address(("metrics", "bind"), metrics.bind)


def log_findings(logs: LogSettings) -> Iterator[Finding]:
    yield from _between(("logs", "lines_per_second"), logs.lines_per_second, 0, _MAX_LINES)
    yield from _between(("logs", "sent_share"), logs.sent_share, 0, 1)


def tracing_findings(tracing: TracingSettings) -> Iterator[Finding]:
    if tracing.endpoint:
        yield from _url(("tracing", "endpoint"), tracing.endpoint, "http://127.0.0.1:4318/v1/traces")
    yield from _between(("tracing", "sample"), tracing.sample, 0, 1)


def picture_findings(pictures: PictureSettings) -> Iterator[Finding]:
    for name in ("fetch_seconds", "keep_seconds"):
        yield from _duration(("pictures", name), getattr(pictures, name))
    yield from _between(("pictures", "max_bytes"), pictures.max_bytes, 1, _MAX_PICTURE_BYTES)
    for entry in pictures.allow:
        try:
            AllowList([entry])
        except ValueError as error:
            yield ("pictures", "allow"), str(error)
    if pictures.public_url:
        yield from _url(("pictures", "public_url"), pictures.public_url, "https://push.example.com")
        if len(pictures.key.reveal()) < _MIN_SIGNING_KEY:
            yield ("pictures", "key"), f"links need one of at least {_MIN_SIGNING_KEY} characters to be signed with"


def account_findings(accounts: Sequence[Account]) -> Iterator[Finding]:
    for index, account in enumerate(accounts):
        path: Path = ("accounts", index)
        yield from _name((*path, "name"), account.name, [other.name for other in accounts[:index]])
        if not account.app_id:
            yield (*path, "app_id"), "empty; copy it from the platform's console"
        if not account.app_secret:
            yield (*path, "app_secret"), 'missing; give it as "env:NAME" or "file:PATH"'
        if not account.token:
            yield (*path, "token"), "missing; without it anyone could forge callbacks"
        elif not _TOKEN.fullmatch(account.token.reveal()):
            yield (*path, "token"), "expected 3 to 32 letters and digits, as the platform's console asks for"
        yield from _aes_keys(path, account)
        if account.kind == "wecom" and account.agent_id < 1:
            yield (*path, "agent_id"), "missing; a WeCom app has one, shown in its console beside the secret"
        yield from _url((*path, "api_base"), account.api_base, "https://api.weixin.qq.com")
        yield from _limits((*path, "limits"), account)
        yield from _quiet_hours((*path, "quiet_hours"), account.quiet_hours)


def _quiet_hours(path: Path, hours: QuietHours) -> Iterator[Finding]:
    spans: dict[Path, QuietSpan] = {path: hours}
    spans |= {(*path, "templates", template): own for template, own in hours.templates.items()}
    for at, span in spans.items():
        try:
            span.span()
        except ValueError as error:
            yield at, str(error)
    try:
        zone_of(hours.time_zone)
    except ValueError as error:
        yield (*path, "time_zone"), str(error)
    yield from _between((*path, "spread_seconds"), hours.spread_seconds, 0, 86_400)


def _aes_keys(path: Path, account: Account) -> Iterator[Finding]:
    if account.aes_key and not _is_aes_key(account.aes_key.reveal()):
        yield (*path, "aes_key"), "expected the 43 characters of EncodingAESKey, or nothing for plaintext mode"
    if account.aes_key_previous and not _is_aes_key(account.aes_key_previous.reveal()):
        yield (*path, "aes_key_previous"), "expected the 43 characters of the EncodingAESKey before aes_key"
    elif account.aes_key_previous and account.aes_key_previous == account.aes_key:
        yield (*path, "aes_key_previous"), "is the same as aes_key; give the key before it, or leave it out"
    elif account.aes_key_previous and not account.aes_key:
        yield (*path, "aes_key_previous"), "stands without aes_key; give the current key as well"


def upstream_findings(upstreams: Sequence[Upstream], accounts: Sequence[Account]) -> Iterator[Finding]:
    names = [account.name for account in accounts]
    for index, upstream in enumerate(upstreams):
        path: Path = ("upstreams", index)
        yield from _name((*path, "name"), upstream.name, [other.name for other in upstreams[:index]])
        known = [key for other in upstreams[:index] for key in (other.key, other.previous_key) if key]
        for field in ("key", "previous_key"):
            key = getattr(upstream, field)
            if not key.is_sound and (key or field == "key"):
                yield (*path, field), f"expected at least {MIN_KEY_LENGTH} printable ASCII characters without a space"
            if key in known:
                yield (*path, field), "another upstream has the same key; give each its own"
        yield from _rate((*path, "per_second"), upstream.per_second)
        yield from _webhook(path, upstream)
        for name in upstream.accounts:
            if name not in names:
                near = nearest(name, names)
                hint = f'; did you mean "{near}"?' if near else ""
                yield (*path, "accounts"), f'no account is named "{name}"{hint}'


def _webhook(path: Path, upstream: Upstream) -> Iterator[Finding]:
    if not upstream.webhook_url and not upstream.webhook_secret:
        return
    yield from _url((*path, "webhook_url"), upstream.webhook_url, "https://upstream.example/webhooks")
    try:
        read_secret(upstream.webhook_secret.reveal())
    except ValueError as error:
        yield (*path, "webhook_secret"), str(error)


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


def _limits(path: Path, account: Account) -> Iterator[Finding]:
    for api, limit in account.limits.items():
        if api not in APIS:
            near = nearest(api, APIS)
            hint = f"did you mean {near}?" if near else f"known here: {', '.join(APIS)}"
            yield (*path, api), f"unknown API; {hint}"
        yield from _rate((*path, api, "per_second"), limit.per_second)
        yield from _at_least((*path, api, "per_day"), limit.per_day, 0)
        yield from _between((*path, api, "reserve"), limit.reserve, 0, 1)
        yield from _at_least((*path, api, "recipient", "per_day"), limit.recipient.per_day, 0)
        yield from _between((*path, api, "recipient", "gap_seconds"), limit.recipient.gap_seconds, 0, _MAX_SECONDS)
        if limit.templates and api not in TEMPLATED:
            yield (*path, api, "templates"), f"{api} messages have no templates; {' and '.join(TEMPLATED)} have"
        for template, own in limit.templates.items():
            at: Path = (*path, api, "templates", template)
            yield from _rate((*at, "per_second"), own.per_second)
            yield from _at_least((*at, "per_day"), own.per_day, 0)


def _name(path: Path, name: str, taken: Sequence[str]) -> Iterator[Finding]:
    if not _NAME.fullmatch(name):
        yield path, f'{_NAME_WORDS}, got "{name[:80]}"'
    elif name in taken:
        yield path, f'"{name}" is there twice; names must differ'


def _url(path: Path, url: str, example: str) -> Iterator[Finding]:
    if not is_web_address(url):
        yield path, f"expected a URL such as {example}"


def _address(path: Path, text: str) -> Iterator[Finding]:
    try:
        parse_address(text)
    except ValueError as error:
        yield path, str(error)


def _at_least(path: Path, number: float, low: int) -> Iterator[Finding]:
    if not number >= low:
        yield path, f"expected {low} or more, got {number:g}"


def _rate(path: Path, per_second: float) -> Iterator[Finding]:
    if per_second and not _LEAST_RATE <= per_second <= _MAX_RATE:
        yield path, f"expected 0 (unlimited), or {_LEAST_RATE:g} to {_MAX_RATE:.0f}, got {per_second:g}"


def _between(path: Path, number: float, low: float, high: float) -> Iterator[Finding]:
    if not low <= number <= high:
        yield path, f"expected {low:g} to {high:g}, got {number:g}"


def _duration(path: Path, seconds: float) -> Iterator[Finding]:
    if not 0 < seconds <= _MAX_SECONDS:
        yield path, f"expected seconds above 0 and up to {_MAX_SECONDS:.0f}, got {seconds:g}"


def _is_aes_key(text: str) -> bool:
    """EncodingAESKey is base64 of 32 bytes without its padding."""
    if len(text) != _AES_KEY_LENGTH:
        return False
    try:
        return len(base64.b64decode(text + "=", validate=True)) == _AES_KEY_BYTES
    except binascii.Error:
        return False
