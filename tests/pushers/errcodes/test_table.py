"""Every row of the two tables, driven through the verdict and the retry policy: what it says is what happens."""

import json
import random

import pytest

from pushers.errcodes import OFFICIAL, WECOM, Rule
from pushers.outcomes.retry_policy import LONGEST_ASIDE_SECONDS, RetryPolicy
from pushers.verdict import judge
from tests.pushers.makers import claim

ROWS = [pytest.param(table, code, rule, id=f"{name}:{code}")
        for name, table in (("official", OFFICIAL), ("wecom", WECOM)) for code, rule in table.items()]  # fmt: skip

NOON = 1_714_104_000.0  # 2024-04-26 12:00 in Shanghai


BECOMES = {
    "retry": "dead",
    "token": "dead",
    "quota": "park",
    "duplicate": "sent",
    "recipient": "suppressed",
    "request": "dead",
    "account": "park",
}
"""The outcome of a push that has a code again and again, by the words of `docs/errcodes.md`."""


def becomes(rule: Rule) -> str:
    if (rule.kind, rule.scope) == ("retry", "api"):
        return "park"
    if (rule.kind, rule.scope) == ("quota", "push"):
        return "dead" if rule.wait else "suppressed"
    return BECOMES[rule.kind]


@pytest.mark.parametrize(("table", "code", "rule"), ROWS)
def test_a_row_means_what_it_says(table, code, rule):
    policy = RetryPolicy(8, random.Random(1))
    verdict = judge(200, json.dumps({"errcode": code, "errmsg": rule.errmsg}).encode(), table)
    assert verdict.errcode == code
    outcomes = []
    for attempts in range(8):
        held = policy.hold_seconds(verdict, NOON)
        outcomes.append(policy.decide(claim(attempts=attempts), verdict, held))
        if outcomes[-1].kind != "retry":
            break
    repeats = len(outcomes) - 1
    assert outcomes[-1].kind == becomes(rule)
    if rule.repeats is not None:
        assert repeats == rule.repeats
    if rule.wait and outcomes[0].kind in {"retry", "park"}:
        assert outcomes[0].delay_seconds >= min(rule.wait, LONGEST_ASIDE_SECONDS)
    assert bool(outcomes[-1].suppress) == (rule.kind == "recipient" and rule.scope.startswith("recipient")
                                           and rule.scope != "recipient or account")  # fmt: skip
    assert verdict.strain == (rule.kind == "retry" and not rule.wait)


@pytest.mark.parametrize(("table", "code", "rule"), ROWS)
def test_a_row_is_whole(table, code, rule):
    assert rule.errmsg
    assert rule.action
    assert (
        rule.scope
        in {
            "retry": {"push", "api"},
            "token": {"push"},
            "quota": {"push", "api"},
            "duplicate": {"push"},
            "recipient": {"push", "recipient", "recipient+template", "recipient or account"},
            "request": {"push", "template"},
            "account": {"api", "account"},
        }[rule.kind]
    )
