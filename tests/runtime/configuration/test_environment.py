"""Configuration from the environment: over a file, without one, and what may be wrong with it."""

from pathlib import Path

import pytest

from runtime.configuration.settings import load_settings
from runtime.errors import ConfigurationError
from tests.runtime.configuration.loading import ACCOUNT, UPSTREAM, error_of, load

ONE_OF_EACH_FROM_THE_ENVIRONMENT = {
    "TIDEGATE_ACCOUNTS__0__APP_ID": "wx0123456789abcdef",
    "TIDEGATE_ACCOUNTS__0__APP_SECRET": "hush-hush",
    "TIDEGATE_ACCOUNTS__0__TOKEN": "callback9",
    "TIDEGATE_UPSTREAMS__0__KEY": "upstream-key-1",
}


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


def test_a_templates_id_keeps_its_case(in_directory: Path) -> None:
    own = {
        "TIDEGATE_ACCOUNTS__0__LIMITS__TEMPLATE__TEMPLATES__TM15__PER_DAY": "3",
        "TIDEGATE_ACCOUNTS__0__QUIET_HOURS__TEMPLATES__TM15__FROM": "01:00",
        "TIDEGATE_ACCOUNTS__0__QUIET_HOURS__TEMPLATES__TM15__TO": "02:00",
    }
    [account] = load(ACCOUNT, own).accounts
    assert account.limit("template").templates["TM15"].per_day == 3
    assert account.quiet_hours.templates["TM15"].start == "01:00"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("TIDEGATE_SERVER_BIND", "TIDEGATE_SERVER__BIND"),
        ("TIDEGATE_STORE_DATA_DIR", "TIDEGATE_STORE__DATA_DIR"),
        ("TIDEGATE_ACCOUNTS_0_APP_ID", "TIDEGATE_ACCOUNTS__0__APP_ID"),
    ],
)
def test_a_key_with_single_underscores_is_a_slip(in_directory: Path, slip: str, meant: str) -> None:
    assert error_of(ACCOUNT, {slip: "x"}) == f"environment: {slip}: parts are joined by two underscores: {meant}"


@pytest.mark.parametrize("other", ["TIDEGATE_PORT", "TIDEGATE_SERVICE_HOST", "TIDEGATE_LOG", "TIDEGATE_METRICS_URL"])
def test_what_others_set_is_not_configuration(in_directory: Path, other: str) -> None:
    assert load(ACCOUNT, {other: "x"}) == load(ACCOUNT)


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


def test_variables_without_a_double_underscore_are_not_configuration(in_directory: Path) -> None:
    load(ACCOUNT, {"TIDEGATE_LOG": "debug", "TIDEGATE_PORT": "tcp://10.0.0.1:80", "TIDEGATE_SERVICE_HOST": "x"})


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
