import os

from loadtests.bench.cpu_account import cpu_seconds, parse_stat

_STAT = (
    "4242 ({name}) S 1 4242 4242 0 -1 4194560 900 0 1 0 {user} {system} 7 9 20 0 5 0 123 1000 200 18446744073709551615"
)


def test_user_and_system_ticks_are_added_and_waited_for_children_are_not():
    assert parse_stat(_STAT.format(name="valkey-server", user=250, system=50)) == 300


def test_a_name_may_hold_blanks_and_brackets():
    assert parse_stat(_STAT.format(name="a) S 1 (b", user=1, system=2)) == 3


def test_a_running_process_has_used_some():
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) == before:
        sum(range(100_000))
    assert cpu_seconds(os.getpid()) > before
