"""What people are called in logs."""

from monitoring.pseudonyms import Pseudonyms
from queues.account import Account
from queues.secret import Secret
from runtime.configuration.log_settings import LogSettings, pseudonyms_of

OPENID = "oABCD1234567890abcdefghijklmn"
NAMED = Pseudonyms({"traffic": b"key-1", "parking": b"key-2"})


def test_a_person_has_one_name_and_it_is_not_the_openid():
    name = NAMED.of("traffic", OPENID)
    assert name == Pseudonyms({"traffic": b"key-1"}).of("traffic", OPENID)
    assert len(name) == 16
    assert OPENID not in name


def test_another_person_another_account_or_another_key_is_another_name():
    names = {
        NAMED.of("traffic", OPENID),
        NAMED.of("traffic", OPENID + "x"),
        NAMED.of("parking", OPENID),
        Pseudonyms({"traffic": b"key-3"}).of("traffic", OPENID),
    }
    assert len(names) == 4


def test_an_account_that_is_gone_names_nobody():
    assert NAMED.of("gone", OPENID) == "unknown"


def test_the_key_is_the_one_that_is_set_or_comes_of_the_accounts_secret():
    account = Account(name="traffic", app_id="wx1", app_secret=Secret("s-1"))
    other_secret = Account(name="traffic", app_id="wx1", app_secret=Secret("s-2"))

    def name(key: str, of: Account) -> str:
        return pseudonyms_of(LogSettings(pseudonym_key=Secret(key)), (of,)).of("traffic", OPENID)

    assert name("set", account) == name("set", other_secret)
    assert name("", account) == name("", account)
    assert len({name("set", account), name("", account), name("", other_secret)}) == 3
