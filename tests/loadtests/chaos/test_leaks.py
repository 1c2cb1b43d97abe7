"""A secret or a person in a log is found, wherever in a line it stands."""

import pytest

from loadtests.chaos.leaks import TOKEN_TAIL, find_leaks

OPENID = "oPush0001" + "0" * 19
SECRETS = {"app secret": "0123456789abcdef0123456789abcdef", "callback token": "tidegateDemoToken", "AES key": ""}
HARMLESS = '{"event":"push attempt","push_id":"1-01HW","person":"9f8e7d6c5b4a3f2e","errcode":0}\n'


def leaks(line: str) -> dict[str, int]:
    return find_leaks(HARMLESS * 3 + line + HARMLESS, SECRETS, {OPENID, "oFan" + "1" * 24})


def test_a_log_without_them_has_none():
    assert leaks("") == {}


@pytest.mark.parametrize(
    "line", ['{{"error":"{}"}}', "url=https://x/?a={}&b=1", "{}", "Traceback: b'{}'", "x{}x", "{}\n{}"]
)
@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("app secret", SECRETS["app secret"]),
        ("callback token", "tidegateDemoToken"),
        ("recipient", OPENID),
        ("access token", "18f_1_" + "t" * 100),
    ],
)
def test_each_of_them_is_found_in_any_line(line: str, name: str, word: str):
    found = leaks(line.replace("{}", word).replace("{{", "{").replace("}}", "}"))
    assert set(found) == {name}


def test_somebody_else_and_a_part_of_somebody_are_no_leak():
    assert leaks(OPENID[:-1] + "9 " + OPENID[:-1]) == {}


def test_each_place_counts():
    assert leaks(f"{OPENID} {OPENID}")["recipient"] == 2
    assert leaks(TOKEN_TAIL * 2)["access token"] == 2


def test_a_secret_that_is_not_set_is_not_everywhere():
    assert "AES key" not in leaks("anything")
