"""The configuration: what it gives, and the one line for everything that can be wrong with it."""

from pathlib import Path

import pytest

from queues.secret import Secret
from runtime.configuration.settings import load_settings
from runtime.errors import ConfigurationError
from tests.runtime.configuration.loading import ACCOUNT, UPSTREAM, error_of, load


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


def test_the_file_of_the_working_directory_is_found_by_itself(in_directory: Path) -> None:
    Path("tidegate.toml").write_text(ACCOUNT + UPSTREAM, "utf-8")
    assert load_settings(None, {}).accounts[0].name == "traffic"


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
        ("[server]\nbind = 'h:٣'", 'server.bind: expected HOST:PORT such as 127.0.0.1:8080, got "h:٣"'),
        ("[server]\nbind = 'h:99999'", "server.bind: expected a port from 0 to 65535, got 99999"),
        (
            "[server]\nbind = '::1:80'",
            'server.bind: expected an IPv6 host in brackets as in [::1]:8080, got "::1:80"',
        ),
        (
            "[metrics]\nbind = '127.0.0.1:8080'",
            "metrics.bind: the same as server.bind; give /metrics a port of its own",
        ),
        ("[server]\nprocesses = 0", "server.processes: expected 1 to 256, got 0"),
        ("[server]\nmax_connections = 0", "server.max_connections: expected 1 or more, got 0"),
        (
            "[server]\nrequest_seconds = nan",
            "server.request_seconds: expected a number, got NaN",
        ),
        (
            "[server]\nrequest_seconds = 1e9",
            "server.request_seconds: expected seconds above 0 and up to 31622400, got 1000000000",
        ),
        ("[server]\nmax_drain_seconds = inf", "server.max_drain_seconds: expected a number, got Infinity"),
        ("[server]\nbacklog = 65536", "server.backlog: expected 1 to 65535, got 65536"),
        ("[server]\nbind = 'h..x:80'", 'server.bind: expected a host\'s name or address before the port, got "h..x"'),
        ("[metrics]\nbind = '.:9090'", 'metrics.bind: expected a host\'s name or address before the port, got "."'),
        (
            "[tracing]\nendpoint = 'http://collector:port/v1/traces'",
            "tracing.endpoint: expected a URL such as http://127.0.0.1:4318/v1/traces",
        ),
        ("[store]\nshards = 0", "store.shards: expected 1 to 256, got 0"),
        ("[store]\ndata_dir = ''", "store.data_dir: empty; name a directory for the embedded store's files"),
        (
            "[store]\nurl = 'reddis://x'",
            (
                "store.url: expected embedded or a URL with redis://, rediss://, unix://, redis+sentinel://,"
                ' rediss+sentinel://, redis+cluster://, rediss+cluster://; did you mean "redis"?'
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


def test_tls_needs_both_of_its_files(in_directory: Path) -> None:
    text = f"[server.tls]\ncertificate = 'c.pem'\n{ACCOUNT}"
    assert error_of(text) == "tidegate.toml: server.tls.key: missing; server.tls.certificate alone is no TLS"


def test_tls_with_files_that_cannot_be_read(in_directory: Path) -> None:
    text = f"[server.tls]\ncertificate = 'c.pem'\nkey = 'k.pem'\n{ACCOUNT}"
    assert error_of(text) == "tidegate.toml: server.tls: no TLS with c.pem and k.pem: No such file or directory"


def test_freshness_may_be_switched_off(in_directory: Path) -> None:
    Path("tidegate.toml").write_text(f"[server]\nfreshness_seconds = 0\n{ACCOUNT}", "utf-8")
    assert load_settings(environ={}).server.freshness_seconds == 0


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
