"""Fact sheet §3.1 (classic), §3.2 (stable) and §3.4 (errors)."""

import pytest

from loadtests.platform.tokens import Issued, TokenDesk

NOON = 1_714_104_000.0  # 2024-04-26 12:00 in Beijing
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def desk():
    return TokenDesk("wx0000000000000001", SECRET)


def test_3_2_the_stable_token_stays_the_same_until_five_minutes_before_its_end(desk):
    first = desk.stable(NOON)
    assert first.expires_in == 7200
    assert desk.stable(NOON + 6899) == Issued(first.token, 301)
    second = desk.stable(NOON + 6900)
    assert second.token != first.token
    assert second.expires_in == 7200


def test_3_2_both_tokens_are_good_for_the_five_minutes_after_the_change(desk):
    first = desk.stable(NOON)
    second = desk.stable(NOON + 6900)
    assert desk.check(first.token, NOON + 7199) == 0
    assert desk.check(second.token, NOON + 7199) == 0
    assert desk.check(first.token, NOON + 7200) == 42001


def test_3_2_a_forced_refresh_gives_a_new_token_and_a_sooner_one_does_not(desk):
    first = desk.stable(NOON)
    forced = desk.stable(NOON + 1, force=True)
    assert forced.token != first.token
    assert desk.stable(NOON + 30, force=True).token == forced.token
    assert desk.stable(NOON + 31, force=True).token != forced.token


def test_3_2_two_forced_refreshes_kill_a_leaked_token_for_good(desk):
    leaked = desk.stable(NOON)
    desk.stable(NOON + 1, force=True)
    assert desk.check(leaked.token, NOON + 2) == 0
    desk.stable(NOON + 31, force=True)
    assert desk.check(leaked.token, NOON + 32) == 40001


def test_3_2_twenty_forced_refreshes_a_day(desk):
    for turn in range(20):
        assert isinstance(desk.stable(NOON + 30 * turn, force=True), Issued)
    assert desk.stable(NOON + 600, force=True) == 45009
    assert isinstance(desk.stable(NOON + 86_400, force=True), Issued)


def test_3_2_ten_thousand_calls_a_clock_minute(desk):
    for _ in range(10_000):
        desk.stable(NOON)
    assert desk.stable(NOON + 59) == 45011
    assert isinstance(desk.stable(NOON + 60), Issued)


def test_3_1_every_classic_fetch_replaces_the_token_and_the_old_one_lives_five_minutes_more(desk):
    first = desk.classic(NOON)
    second = desk.classic(NOON + 10)
    assert first.token != second.token
    assert desk.check(first.token, NOON + 309) == 0
    assert desk.check(first.token, NOON + 310) == 42001


def test_8_only_the_last_two_classic_tokens_live(desk):
    first = desk.classic(NOON)
    desk.classic(NOON + 10)
    desk.classic(NOON + 20)
    assert desk.check(first.token, NOON + 21) == 40001


def test_3_1_two_thousand_classic_tokens_a_day(desk):
    for _ in range(2000):
        assert isinstance(desk.classic(NOON), Issued)
    assert desk.classic(NOON) == 45009


def test_3_2_the_two_endpoints_do_not_invalidate_each_other(desk):
    stable = desk.stable(NOON)
    for turn in range(3):
        desk.classic(NOON + turn)
    assert desk.check(stable.token, NOON + 5) == 0


@pytest.mark.parametrize(
    ("grant", "app_id", "secret", "errcode"),
    [
        ("client_credential", "wx0000000000000001", SECRET, 0),
        ("", "wx0000000000000001", SECRET, 40002),
        ("client_credential", "", SECRET, 41002),
        ("client_credential", "wx0000000000000001", "", 41004),
        ("client_credential", "wx0000000000000002", SECRET, 40013),
        ("client_credential", "wx0000000000000001", "f" * 32, 40001),
        ("client_credential", "wx0000000000000001", "wrong", 40125),
    ],
)
def test_3_4_credentials(desk, grant, app_id, secret, errcode):
    assert desk.check_credentials(grant, app_id, secret) == errcode


def test_3_4_a_missing_token_is_41001_and_an_unknown_one_40001(desk):
    assert desk.check("", NOON) == 41001
    assert desk.check("never-issued", NOON) == 40001


def test_3_4_the_platform_may_kill_tokens_at_any_time(desk):
    stable, classic = desk.stable(NOON), desk.classic(NOON)
    assert desk.invalidate(42001) == 2
    assert desk.check(stable.token, NOON + 1) == 42001
    assert desk.check(classic.token, NOON + 1) == 42001
    assert desk.check(desk.stable(NOON + 2).token, NOON + 2) == 0
