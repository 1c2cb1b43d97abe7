"""Hostile requests are what they say: each kind comes, and nothing but what was spoiled is wrong with it."""

from itertools import islice

import pytest

from loadtests.generators.hostile import HostileRequests
from loadtests.http_client import parse_target
from loadtests.platform.options import AccountOptions

KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE"
TARGET = parse_target("http://127.0.0.1:8080/callback/demo")


def requests(mode: str, seed: int = 1) -> HostileRequests:
    account = AccountOptions(
        app_id="wx1", app_secret="s", token="demoToken", aes_key=KEY, original_id="gh_1", mode=mode
    )
    return HostileRequests(account, TARGET, seed, lambda: 1_714_112_445.0)


@pytest.mark.parametrize(("mode", "kinds"), [("plaintext", 20), ("secure", 17)])
def test_all_kinds_come_in_turn(mode, kinds):
    made = [request.kind for request in islice(requests(mode), 2 * kinds)]
    assert len(set(made)) == kinds
    assert made[:kinds] == made[kinds:]


@pytest.mark.parametrize("mode", ["plaintext", "secure"])
def test_the_same_seed_makes_the_same_requests(mode):
    assert [each.data for each in islice(requests(mode), 40)] == [each.data for each in islice(requests(mode), 40)]


@pytest.mark.parametrize("mode", ["plaintext", "secure"])
def test_none_may_be_answered_with_success(mode):
    for request in islice(requests(mode), 40):
        assert all(400 <= status < 500 for status in request.statuses)
