"""The configuration: what it gives, and the one line for everything that can be wrong with it."""

from pathlib import Path

import pytest

from queues.secret import Secret
from runtime.configuration.settings import Settings, load_settings
from runtime.errors import ConfigurationError

ACCOUNT = """
[[accounts]]
name = "traffic"
app_id = "wx0123456789abcdef"
app_secret = "hush-hush"
token = "callback9"
"""
UPSTREAM = """
[[upstreams]]
name = "violations"
key = "upstream-key-1"
"""
ONE_OF_EACH_FROM_THE_ENVIRONMENT = {
    "TIDEGATE_ACCOUNTS__0__APP_ID": "wx0123456789abcdef",
    "TIDEGATE_ACCOUNTS__0__APP_SECRET": "hush-hush",
    "TIDEGATE_ACCOUNTS__0__TOKEN": "callback9",
    "TIDEGATE_UPSTREAMS__0__KEY": "upstream-key-1",
}


@pytest.fixture
def in_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str, environ: dict[str, str] | None = None) -> Settings:
    Path("tidegate.toml").write_text(text, "utf-8")
    return load_settings(Path("tidegate.toml"), environ or {})


def error_of(text: str, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(text, environ)
    assert caught.value.status == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_contracts_example_is_read_as_written(in_directory: Path) -> None:
    settings = load(
        """
        [server]
        bind = "127.0.0.1:8081"
        drain_seconds = 3
        [store]
        url = "unix:///run/valkey.sock"
        [pushers]
        in_flight = 50
        [metrics]
        bind = "127.0.0.1:9091"
        """
        + ACCOUNT
        + """
        [accounts.limits.template]
        per_second = 100
        per_day = 100000
        """
        + UPSTREAM
        + 'accounts = ["traffic"]'
    )
    assert settings.server.bind == "127.0.0.1:8081"
    assert settings.server.drain_seconds == 3.0
    assert settings.store.url == "unix:///run/valkey.sock"
    assert settings.pushers.in_flight == 50
    assert settings.metrics.bind == "127.0.0.1:9091"
    assert settings.accounts[0].app_secret == Secret("hush-hush")
    assert settings.accounts[0].limit("template").per_day == 100_000
    assert settings.upstreams[0].accounts == ("traffic",)


def test_the_environment_wins_over_the_file_and_is_read_as_the_keys_type(in_directory: Path) -> None:
    settings = load(
        ACCOUNT + UPSTREAM,
        {
            "TIDEGATE_SERVER__PROCESSES": "4",
            "TIDEGATE_SERVER__DRAIN_SECONDS": "2.5",
            "TIDEGATE_ACCOUNTS__0__NAME": "metro",
            "TIDEGATE_ACCOUNTS__0__LIMITS__TEMPLATE__PER_SECOND": "30",
            "TIDEGATE_UPSTREAMS__0__ACCOUNTS": "metro, ",
        },
    )
    assert (settings.server.processes, settings.server.drain_seconds) == (4, 2.5)
    assert settings.accounts[0].name == "metro"
    assert settings.accounts[0].limit("template").per_second == 30
    assert settings.upstreams[0].accounts == ("metro",)


def test_variables_add_accounts_to_those_of_the_file(in_directory: Path) -> None:
    second = {
        "TIDEGATE_ACCOUNTS__1__NAME": "metro",
        "TIDEGATE_ACCOUNTS__1__APP_ID": "wx1",
        "TIDEGATE_ACCOUNTS__1__APP_SECRET": "s",
        "TIDEGATE_ACCOUNTS__1__TOKEN": "callback9",
    }
    assert [account.name for account in load(ACCOUNT, second).accounts] == ["traffic", "metro"]


def test_with_no_file_one_account_and_one_upstream_come_from_the_environment(in_directory: Path) -> None:
    settings = load_settings(None, ONE_OF_EACH_FROM_THE_ENVIRONMENT)
    assert settings.accounts[0].name == "default"
    assert settings.upstreams[0].name == "default"


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        (
            "TIDEGATE_ACCOUNTS__0__APP_ID",
            "environment: accounts[0].app_id: missing; give it here or as TIDEGATE_ACCOUNTS__0__APP_ID",
        ),
        (
            "TIDEGATE_UPSTREAMS__0__KEY",
            "environment: upstreams: none configured; set TIDEGATE_UPSTREAMS__0__KEY, or write tidegate.toml",
        ),
    ],
)
def test_with_no_file_what_is_missing_is_said(in_directory: Path, left_out: str, words: str) -> None:
    environ = {name: value for name, value in ONE_OF_EACH_FROM_THE_ENVIRONMENT.items() if name != left_out}
    with pytest.raises(ConfigurationError) as caught:
        load_settings(None, environ)
    assert str(caught.value) == words


def test_with_nothing_at_all_the_variables_to_set_are_named(in_directory: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"accounts: none configured; set TIDEGATE_ACCOUNTS__0__APP_ID, .*"):
        load_settings(None, {})


def test_the_file_of_the_working_directory_is_found_by_itself(in_directory: Path) -> None:
    Path("tidegate.toml").write_text(ACCOUNT + UPSTREAM, "utf-8")
    assert load_settings(None, {}).accounts[0].name == "traffic"


def test_variables_without_a_double_underscore_are_not_configuration(in_directory: Path) -> None:
    load(ACCOUNT, {"TIDEGATE_LOG": "debug", "TIDEGATE_PORT": "tcp://10.0.0.1:80", "TIDEGATE_SERVICE_HOST": "x"})


def test_secrets_are_fetched_from_where_they_stand(in_directory: Path) -> None:
    Path("token").write_text("fromfile7\n", "utf-8")
    text = ACCOUNT.replace("hush-hush", "env:WX_SECRET").replace("callback9", "file:token")
    account = load(text, {"WX_SECRET": "from the environment"}).accounts[0]
    assert account.app_secret.reveal() == "from the environment"
    assert account.token.reveal() == "fromfile7"


def test_a_store_url_may_stand_elsewhere_too(in_directory: Path) -> None:
    text = ACCOUNT + '[store]\nurl = "env:STORE"'
    assert load(text, {"STORE": "redis://:pw@db:6379/0"}).store.url == "redis://:pw@db:6379/0"


def test_no_secret_is_in_the_representation(in_directory: Path) -> None:
    shown = repr(load(ACCOUNT + UPSTREAM))
    assert "hush" not in shown
    assert "callback9" not in shown
    assert "upstream-key" not in shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nbnd = 1", "server.bnd: unknown key; did you mean server.bind?"),
        ("[sever]\nbind = ''", "sever: unknown key; did you mean server?"),
        (
            "[metrics]\nzzz = 1",
            "metrics.zzz: unknown key; known here: bind",
        ),
        ("[pushers]\nin_flight = 'many'", 'pushers.in_flight: expected a whole number, got "many"'),
        ("[pushers]\nin_flight = true", "pushers.in_flight: expected a whole number, got true"),
        ("[pushers]\nin_flight = 1.5", "pushers.in_flight: expected a whole number, got 1.5"),
        ("[pushers]\nclaim_seconds = []", "pushers.claim_seconds: expected a number, got a list"),
        ("[server]\nbind = 8080", "server.bind: expected text, got 8080"),
        ("[server]\nbind = 2026-01-01", "server.bind: expected text, got a date or time"),
        ("server = 3", "server: expected a table, got 3"),
        ("accounts = 'x'", 'accounts: expected a list, got "x"'),
        ("accounts = ['x']", 'accounts[0]: expected a table, got "x"'),
        (
            "[store]\ndurability = 'fsnc'",
            'store.durability: expected fsync or memory or replica, got "fsnc"; did you mean "fsync"?',
        ),
        ("[server]\nbind = '8080'", 'server.bind: expected HOST:PORT such as 127.0.0.1:8080, got "8080"'),
        ("[server]\nbind = 'h:99999'", "server.bind: expected a port from 0 to 65535, got 99999"),
        (
            "[server]\nbind = '::1:80'",
            'server.bind: expected an IPv6 host in brackets as in [::1]:8080, got "::1:80"',
        ),
        ("[server]\nprocesses = 0", "server.processes: expected 1 to 256, got 0"),
        ("[server]\nmax_connections = 0", "server.max_connections: expected 1 or more, got 0"),
        (
            "[server]\nrequest_seconds = nan",
            "server.request_seconds: expected seconds above 0 and up to 31622400, got nan",
        ),
        ("[store]\nshards = 0", "store.shards: expected 1 to 256, got 0"),
        ("[store]\ndata_dir = ''", "store.data_dir: empty; name a directory for the embedded store's files"),
        (
            "[store]\nurl = 'reddis://x'",
            (
                "store.url: expected embedded or a URL with redis://, rediss://, unix://, redis+sentinel://,"
                " rediss+sentinel://, redis+cluster://, rediss+cluster://; did you mean redis?"
            ),
        ),
        (
            "[store]\nurl = 'redis+sentinel://h:1,h:2'",
            (
                "store.url: a Sentinel's address ends with the name of its service:"
                " redis+sentinel://host:26379,host:26379/service"
            ),
        ),
        (
            "[store]\ndurability = 'replica'",
            (
                "store.durability: the embedded store has no replicas; choose fsync or memory,"
                " or give store.url a store that has them"
            ),
        ),
        (
            "[pushers]\nclaim_seconds = 4.0",
            (
                "pushers.claim_seconds: must be longer than pushers.send_seconds (5), or a push is taken over while it"
                " is sent"
            ),
        ),
    ],
)
def test_every_fault_is_one_line_with_the_key_and_the_way_out(in_directory: Path, text: str, words: str) -> None:
    accounts = "" if "accounts" in text else ACCOUNT
    assert error_of(f"{text}\n{accounts}") == f"tidegate.toml: {words}"


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
            "accounts[0].aes_key: expected the 43 characters of EncodingAESKey, or nothing for plaintext mode",
        ),
        (
            "token =",
            "aes_key_previous = 'short'\ntoken =",
            "accounts[0].aes_key_previous: expected the 43 characters of the EncodingAESKey before aes_key",
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
            "limits.templte.per_second = 1\ntoken =",
            "accounts[0].limits.templte: unknown API; did you mean template?",
        ),
        (
            "token =",
            "limits.template.per_second = -1\ntoken =",
            "accounts[0].limits.template.per_second: expected 0 (unlimited) or more, got -1",
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
                "expected 0 (unlimited), or 0.001 or more, got 1e-05; for less there is per_day"
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


def test_tls_needs_both_of_its_files(in_directory: Path) -> None:
    text = f"[server.tls]\ncertificate = 'c.pem'\n{ACCOUNT}"
    assert error_of(text) == "tidegate.toml: server.tls.key: missing; server.tls.certificate alone is no TLS"


def test_tls_with_files_that_cannot_be_read(in_directory: Path) -> None:
    text = f"[server.tls]\ncertificate = 'c.pem'\nkey = 'k.pem'\n{ACCOUNT}"
    assert error_of(text) == "tidegate.toml: server.tls: no TLS with c.pem and k.pem: No such file or directory"


def test_freshness_may_be_switched_off(in_directory: Path) -> None:
    Path("tidegate.toml").write_text(f"[server]\nfreshness_seconds = 0\n{ACCOUNT}", "utf-8")
    assert load_settings(environ={}).server.freshness_seconds == 0


def test_names_and_keys_must_differ(in_directory: Path) -> None:
    assert error_of(ACCOUNT + ACCOUNT) == 'tidegate.toml: accounts[1].name: "traffic" is there twice; names must differ'
    same_key = UPSTREAM + UPSTREAM.replace("violations", "weather")
    assert error_of(ACCOUNT + same_key) == (
        "tidegate.toml: upstreams[1].key: another upstream has the same key; give each its own"
    )


def test_faults_of_an_upstream(in_directory: Path) -> None:
    assert error_of(ACCOUNT + UPSTREAM + 'accounts = ["trafic"]') == (
        'tidegate.toml: upstreams[0].accounts: no account is named "trafic"; did you mean "traffic"?'
    )
    assert error_of(ACCOUNT + UPSTREAM.replace("upstream-key-1", "short")) == (
        "tidegate.toml: upstreams[0].key: expected at least 8 printable ASCII characters without a space"
    )
    assert error_of(ACCOUNT + UPSTREAM.replace('key = "upstream-key-1"', "")) == (
        "tidegate.toml: upstreams[0].key: missing; give it here or as TIDEGATE_UPSTREAMS__0__KEY"
    )


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("TIDEGATE_SERVER__BNID", "x", "unknown key; did you mean TIDEGATE_SERVER__BIND?"),
        ("TIDEGATE_SEVER__BIND", "x", "unknown key; did you mean TIDEGATE_SERVER?"),
        ("TIDEGATE_SERVER__PROCESSES", "two", 'expected a whole number, got "two"'),
        ("TIDEGATE_SERVER__PROCESSES", "0", "expected 1 to 256, got 0"),
        ("TIDEGATE_PUSHERS__CLAIM_SECONDS", "long", 'expected a number, got "long"'),
        ("TIDEGATE_ACCOUNTS__5__NAME", "x", "there is no item 1; number them without a gap"),
        ("TIDEGATE_ACCOUNTS__NAME", "x", "expected a number counted from 0 where NAME is"),
        ("TIDEGATE_SERVER__BIND__HOST", "x", "expected text, got a table"),
        ("TIDEGATE_ACCOUNTS__0__NAME__X", "x", "goes deeper than the configuration does at that key"),
        ("TIDEGATE_ACCOUNTS__0__TOKEN", "env:NOPE", "the environment variable NOPE is not set"),
    ],
)
def test_faults_of_the_environment_name_the_variable(in_directory: Path, variable: str, value: str, words: str) -> None:
    assert error_of(ACCOUNT, {variable: value}) == f"environment: {variable}: {words}"


def test_faults_of_the_file_itself(in_directory: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^gone\.toml: no such file$"):
        load_settings(Path("gone.toml"), {})
    assert error_of("[server").startswith("tidegate.toml: not valid TOML: ")
    assert error_of("") == "tidegate.toml: accounts: none configured; add an [[accounts]] table"
    Path("latin.toml").write_bytes(b'[server]\nbind = "\xe9"\n')
    with pytest.raises(ConfigurationError, match=r"^latin\.toml: not UTF-8 text$"):
        load_settings(Path("latin.toml"), {})


def test_a_misplaced_secret_is_not_shown(in_directory: Path) -> None:
    assert "hush" not in error_of(ACCOUNT.replace("app_secret", "app_secert"))
    assert "hush" not in error_of(ACCOUNT.replace('"hush-hush"', '["hush-hush"]'))


def test_yes_and_no_from_the_file_and_the_environment(in_directory: Path) -> None:
    assert load(ACCOUNT + UPSTREAM + "operator = true").upstreams[0].operator
    assert load(ACCOUNT + UPSTREAM, {"TIDEGATE_UPSTREAMS__0__OPERATOR": "true"}).upstreams[0].operator
    assert error_of(ACCOUNT + UPSTREAM + "operator = 1").endswith("expected true or false, got 1")


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


def test_a_webhook_has_a_url_and_a_secret_that_libraries_take(in_directory: Path) -> None:
    url, secret = 'webhook_url = "https://fines.test/hooks"\n', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    upstream = load(ACCOUNT + UPSTREAM + url + f'webhook_secret = "{secret}"').upstreams[0]
    assert (upstream.webhook_url, upstream.webhook_secret.reveal()) == ("https://fines.test/hooks", secret)
    assert error_of(ACCOUNT + UPSTREAM + url).endswith("webhook_secret: expected whsec_ and 24 to 64 bytes in base64")
    without_url = error_of(ACCOUNT + UPSTREAM + f'webhook_secret = "{secret}"')
    assert without_url.endswith("webhook_url: expected a URL such as https://upstream.example/webhooks")
