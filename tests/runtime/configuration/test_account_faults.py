"""What may be wrong with an account, and the one line that says so."""

from pathlib import Path

import pytest

from pushers import pictures
from pushers.channels.registry import CHANNELS
from runtime.configuration.findings.accounts import APIS
from tests.runtime.configuration.loading import ACCOUNT, UPSTREAM, error_of, load


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '"traffic"',
            '"Traffic"',
            'accounts[0].name: expected 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit, got "Traffic"',
        ),
        ("app_id =", "app_ids =", "accounts[0].app_ids: unknown key; did you mean accounts[0].app_id?"),
        ('"wx0123456789abcdef"', '""', "accounts[0].app_id: empty; copy it from the platform's console"),
        (
            'token = "callback9"',
            "",
            "accounts[0].token: missing; without it anyone could forge callbacks",
        ),
        ('"callback9"', "12", "accounts[0].token: expected text, got a number"),
        (
            '"callback9"',
            '"ab"',
            "accounts[0].token: expected 3 to 32 letters and digits, as the platform's console asks for",
        ),
        ('"hush-hush"', '"env:NOT_SET"', "accounts[0].app_secret: the environment variable NOT_SET is not set"),
        ('"hush-hush"', '"file:gone"', "accounts[0].app_secret: cannot read gone: No such file or directory"),
        (
            'app_secret = "hush-hush"',
            "",
            'accounts[0].app_secret: missing; give it as "env:NAME" or "file:PATH"',
        ),
        (
            "token =",
            "aes_key = 'short'\ntoken =",
            "accounts[0].aes_key: expected the 43 letters and digits of EncodingAESKey, or nothing for plaintext mode",
        ),
        (
            "token =",
            f"aes_key = '{'a' * 41}+E'\ntoken =",
            "accounts[0].aes_key: expected the 43 letters and digits of EncodingAESKey, or nothing for plaintext mode",
        ),
        (
            "token =",
            "aes_key_previous = 'short'\ntoken =",
            "accounts[0].aes_key_previous: expected the 43 letters and digits of the EncodingAESKey before aes_key",
        ),
        (
            "token =",
            f"aes_key_previous = '{'a' * 42}E'\ntoken =",
            "accounts[0].aes_key_previous: stands without aes_key; give the current key as well",
        ),
        (
            "token =",
            f"aes_key = '{'a' * 42}E'\naes_key_previous = '{'a' * 42}E'\ntoken =",
            "accounts[0].aes_key_previous: is the same as aes_key; give the key before it, or leave it out",
        ),
        (
            "token =",
            "kind = 'offical'\ntoken =",
            'accounts[0].kind: expected official or wecom, got "offical"; did you mean "official"?',
        ),
        (
            "token =",
            "api_base = 'api.weixin.qq.com'\ntoken =",
            "accounts[0].api_base: expected a URL such as https://api.weixin.qq.com",
        ),
        (
            "token =",
            "api_base = 'https://api.weixin.qq.com:80808'\ntoken =",
            "accounts[0].api_base: expected a URL such as https://api.weixin.qq.com",
        ),
        (
            "token =",
            "api_base = 'https://api..qq.com'\ntoken =",
            "accounts[0].api_base: expected a URL such as https://api.weixin.qq.com",
        ),
        (
            "token =",
            "api_base = 'https://[::1'\ntoken =",
            "accounts[0].api_base: expected a URL such as https://api.weixin.qq.com",
        ),
        (
            "token =",
            "limits.template.per_day = 9007199254740993\ntoken =",
            "accounts[0].limits.template.per_day: expected a whole number up to 9007199254740992",
        ),
        (
            "token =",
            "limits.templte.per_second = 1\ntoken =",
            "accounts[0].limits.templte: unknown API; did you mean template?",
        ),
        (
            "token =",
            "limits.token.per_day = 1\ntoken =",
            (
                "accounts[0].limits.token: unknown API; "
                "known here: template, subscribe, custom, mass, wecom, webhook, media"
            ),
        ),
        (
            "token =",
            "limits.template.per_second = -1\ntoken =",
            "accounts[0].limits.template.per_second: expected 0 (unlimited), or 0.001 to 1000000, got -1",
        ),
        (
            "token =",
            "limits.template.per_dya = 1\ntoken =",
            "accounts[0].limits.template.per_dya: unknown key; did you mean accounts[0].limits.template.per_day?",
        ),
        (
            "token =",
            "limits.template.templates.TM1.per_day = -1\ntoken =",
            "accounts[0].limits.template.templates.TM1.per_day: expected 0 or more, got -1",
        ),
        (
            "token =",
            "limits.template.templates.TM1.per_second = 0.00001\ntoken =",
            (
                "accounts[0].limits.template.templates.TM1.per_second: "
                "expected 0 (unlimited), or 0.001 to 1000000, got 1e-05"
            ),
        ),
        (
            "token =",
            "limits.template.templates.TM1.per_secnd = 1\ntoken =",
            (
                "accounts[0].limits.template.templates.TM1.per_secnd: unknown key; "
                "did you mean accounts[0].limits.template.templates.TM1.per_second?"
            ),
        ),
        (
            "token =",
            "limits.custom.templates.TM1.per_day = 1\ntoken =",
            "accounts[0].limits.custom.templates: custom messages have no templates; template and subscribe have",
        ),
    ],
)
def test_faults_of_an_account(in_directory: Path, old: str, new: str, words: str) -> None:
    assert error_of(ACCOUNT.replace(old, new)) == f"tidegate.toml: {words}"


QUIET = """
[accounts.quiet_hours]
from = "22:00"
to = "08:00"
"""


def test_quiet_hours_and_a_templates_own(in_directory: Path) -> None:
    own = '[accounts.quiet_hours.templates.TplWarning]\nfrom = "23:00"\nto = "06:00"\n'
    hours = load(ACCOUNT + QUIET + own + UPSTREAM).accounts[0].quiet_hours
    assert (hours.start, hours.end, hours.time_zone, hours.high_may_pass) == ("22:00", "08:00", "Asia/Shanghai", True)
    assert hours.templates["TplWarning"].end == "06:00"
    from_environment = load(ACCOUNT + QUIET + UPSTREAM, {"TIDEGATE_ACCOUNTS__0__QUIET_HOURS__TO": "09:00"})
    assert from_environment.accounts[0].quiet_hours.end == "09:00"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('time_zone = "Asia/Shangai"', "accounts[0].quiet_hours.time_zone: not a time zone known here"),
        ("spread_seconds = -1", "accounts[0].quiet_hours.spread_seconds: expected 0 to 86400"),
        ('form = "22:00"', "accounts[0].quiet_hours.form: unknown key; did you mean accounts[0].quiet_hours.from?"),
        (
            '[accounts.quiet_hours.templates.T]\nfrom = "8"\nto = "9"',
            "accounts[0].quiet_hours.templates.T: expected two times",
        ),
    ],
)
def test_quiet_hours_that_are_none(in_directory: Path, extra: str, words: str) -> None:
    assert words in error_of(ACCOUNT + QUIET + extra + UPSTREAM)


def test_every_channel_may_have_limits_and_so_may_uploads() -> None:
    assert set(APIS) == {*CHANNELS, pictures.API}


WEBHOOK = """
[accounts.webhook]
url = "https://sms.test/take"
secret = "env:SMS_SECRET"
"""


def test_a_webhook_and_its_secret_from_elsewhere(in_directory: Path) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    webhook = load(ACCOUNT + WEBHOOK + UPSTREAM, {"SMS_SECRET": secret}).accounts[0].webhook
    assert (webhook.url, webhook.secret.reveal()) == ("https://sms.test/take", secret)
    assert secret not in repr(webhook)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"env:SMS_SECRET"', '"hush"', "accounts[0].webhook.secret: expected whsec_ and 24 to 64 bytes in base64"),
        ('secret = "env:SMS_SECRET"', "", "accounts[0].webhook.secret: expected whsec_ and 24 to 64 bytes in base64"),
        ('"https://sms.test/take"', '"sms.test"', "accounts[0].webhook.url: expected a URL such as https://receiver."),
        ("url =", "uri =", "accounts[0].webhook.uri: unknown key; did you mean accounts[0].webhook.url?"),
    ],
)
def test_webhooks_that_are_none(in_directory: Path, old: str, new: str, words: str) -> None:
    secret = {"SMS_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    assert words in error_of(ACCOUNT + WEBHOOK.replace(old, new) + UPSTREAM, secret)
