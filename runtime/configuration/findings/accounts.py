"""What may be wrong with `[[accounts]]`."""

import re
from collections.abc import Iterator, Sequence

from queues.account import ENCODING_AES_KEY, Account
from queues.quiet import QuietHours, QuietSpan
from queues.time_zone import zone_of
from runtime.configuration.findings import ranges
from runtime.configuration.findings.ranges import Finding
from runtime.configuration.findings.webhooks import webhook_findings
from runtime.configuration.reader import Path
from runtime.configuration.suggestions import nearest

APIS = ("template", "subscribe", "custom", "mass", "wecom", "webhook", "media")
TEMPLATED = ("template", "subscribe")

_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")


def account_findings(accounts: Sequence[Account]) -> Iterator[Finding]:
    for index, account in enumerate(accounts):
        path: Path = ("accounts", index)
        yield from ranges.name((*path, "name"), account.name, [other.name for other in accounts[:index]])
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
        yield from ranges.url((*path, "api_base"), account.api_base, "https://api.weixin.qq.com")
        webhook = account.webhook
        yield from webhook_findings(
            (*path, "webhook", "url"), webhook.url, (*path, "webhook", "secret"), webhook.secret
        )
        yield from _limits((*path, "limits"), account)
        yield from _quiet_hours((*path, "quiet_hours"), account.quiet_hours)


def _aes_keys(path: Path, account: Account) -> Iterator[Finding]:
    if account.aes_key and not ENCODING_AES_KEY.fullmatch(account.aes_key.reveal()):
        yield (*path, "aes_key"), "expected the 43 letters and digits of EncodingAESKey, or nothing for plaintext mode"
    if account.aes_key_previous and not ENCODING_AES_KEY.fullmatch(account.aes_key_previous.reveal()):
        yield (*path, "aes_key_previous"), "expected the 43 letters and digits of the EncodingAESKey before aes_key"
    elif account.aes_key_previous and account.aes_key_previous == account.aes_key:
        yield (*path, "aes_key_previous"), "is the same as aes_key; give the key before it, or leave it out"
    elif account.aes_key_previous and not account.aes_key:
        yield (*path, "aes_key_previous"), "stands without aes_key; give the current key as well"


def _limits(path: Path, account: Account) -> Iterator[Finding]:
    for api, limit in account.limits.items():
        if api not in APIS:
            near = nearest(api, APIS)
            hint = f"did you mean {near}?" if near else f"known here: {', '.join(APIS)}"
            yield (*path, api), f"unknown API; {hint}"
        yield from ranges.rate((*path, api, "per_second"), limit.per_second)
        yield from ranges.at_least((*path, api, "per_day"), limit.per_day, 0)
        yield from ranges.between((*path, api, "reserve"), limit.reserve, 0, 1)
        yield from ranges.at_least((*path, api, "recipient", "per_day"), limit.recipient.per_day, 0)
        yield from ranges.between(
            (*path, api, "recipient", "gap_seconds"), limit.recipient.gap_seconds, 0, ranges.MAX_SECONDS
        )
        if limit.templates and api not in TEMPLATED:
            yield (*path, api, "templates"), f"{api} messages have no templates; {' and '.join(TEMPLATED)} have"
        for template, own in limit.templates.items():
            at: Path = (*path, api, "templates", template)
            yield from ranges.rate((*at, "per_second"), own.per_second)
            yield from ranges.at_least((*at, "per_day"), own.per_day, 0)


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
    yield from ranges.between((*path, "spread_seconds"), hours.spread_seconds, 0, 86_400)
