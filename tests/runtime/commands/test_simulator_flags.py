"""The simulator's flags: one a field, structured ones by parts, and bad values refused with the flag named."""

import pytest

from loadtests.platform.faults import FaultRule
from loadtests.platform.options import AccountOptions, SimulatorOptions
from runtime import cli
from runtime.commands.simulator_flags import simulator_options

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"


def test_an_account_is_given_by_its_parts() -> None:
    part = f"kind=wecom,app_id=ww1,app_secret=s,token=t,aes_key={KEY},agent_id=7"
    [account] = simulator_options({"accounts": [part]}).accounts
    assert account == AccountOptions(kind="wecom", app_id="ww1", app_secret="s", token="t", aes_key=KEY, agent_id=7)
    assert account.name == "ww1:7"


def test_rules_and_quotas_are_given_by_their_parts() -> None:
    options = simulator_options(
        {"fault_rules": ["fault=-1,rate=0.5,api=template,after=10"], "quotas": ["custom=5", "mass=1"]}
    )
    assert options.fault_rules == (FaultRule(fault="-1", rate=0.5, api="template", after=10),)
    assert options.quotas == {"custom": 5, "mass": 1}


def test_nothing_given_are_the_defaults() -> None:
    assert simulator_options({}) == SimulatorOptions()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("--bind nowhere", "--bind: expected HOST:PORT"),
        ("--bind 127.0.0.1:70000", "--bind: expected HOST:PORT"),
        ("--jitter -1", "--jitter: Expected `float` >= 0.0"),
        ("--duplicate-share 2", "--duplicate-share: Expected `float` <= 1.0"),
        ("--mode nonsense", "Invalid value for '--mode'"),
        ("--mode secure", "--aes-key: an EncodingAESKey has 43 letters and digits"),
        ("--kind wecom", "--aes-key: an EncodingAESKey has 43 letters and digits"),
        ("--faults nonsense=1", "--faults: fault 'nonsense' is neither an errcode nor one of"),
        ("--faults http_500=2", "--faults: fault rates must lie in 0..1"),
        ("--fault-rules fault=-1,rate=2", "--fault-rules: [0].rate: Expected `float` <= 1.0"),
        ("--fault-rules fault=nonsense", "--fault-rules: [0]: fault 'nonsense'"),
        ("--fault-rules nonsense", '--fault-rules: expected NAME=TEXT,…, got "nonsense"'),
        ("--accounts app_id=wx1,nonsense=2", "--accounts: [0]: Object contains unknown field `nonsense`"),
        ("--accounts app_id=wx1,token=t", "--accounts: [0]: Object missing required field `app_secret`"),
        (
            "--accounts app_id=wx0000000000000001,app_secret=s,token=t,original_id=gh_2",
            "--accounts: wx0000000000000001 is given twice",
        ),
        ("--quotas custom=many", '--quotas: expected NAME=NUMBER, got "custom=many"'),
        ("--quotas custom=-1", "--quotas: [...]: Expected `int` >= 0"),
        ("--callback-url ftp://x", "--callback-url: 'ftp://x' is not a plain http:// address"),
        ("--subscribe-failure nonsense", "--subscribe-failure: expected CODE:TEXT"),
        ("--user-block-share 0.6 --system-failed-share 0.6", "--user-block-share: the shares of failed receipts"),
    ],
)
def test_a_bad_value_is_status_2_and_names_its_flag(
    capsys: pytest.CaptureFixture[str], arguments: str, line: str
) -> None:
    assert cli.run(["simulate", *arguments.split()]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"tidegate: {line}")
    assert err.count("\n") == 1


def test_an_address_that_cannot_be_had_is_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["simulate", "--bind", "192.0.2.1:80"]) == 1
    assert capsys.readouterr().err.startswith("tidegate: --bind: Cannot assign requested address")
