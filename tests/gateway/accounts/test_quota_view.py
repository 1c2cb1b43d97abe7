"""What is shown of a day of quotas, beyond what the store says in so many words."""

import pytest

from gateway.accounts.quota_view import quota_view
from queues.account import Account
from queues.limits.quota import Ledger, Quota

CITY = Account(name="city", app_id="wx1")
NOON = 1_714_104_000.0  # 2024-04-26 12:00 in Shanghai
MIDNIGHT = NOON - 12 * 3600


def ledger(spent: int, per_second: float = 0.0) -> Ledger:
    return Ledger(
        api="template", limit=1000, reserved=200, spent=spent, ordinary=spent, per_second=per_second, told=None
    )


@pytest.mark.parametrize(
    ("spent", "per_second", "at"),
    [
        (500, 0.1, "2024-04-26T13:23:20+08:00"),  # 500 left, ten seconds each
        (500, 0.001, None),  # lasts beyond midnight
        (500, 0.0, None),
        (1000, 0.1, "2024-04-26T12:00:00+08:00"),
    ],
)
def test_when_the_day_ends_early_at_this_pace(spent, per_second, at):
    quota = Quota(now=NOON, day_began=MIDNIGHT, ledgers=[ledger(spent, per_second)], holds=())
    [template] = quota_view(CITY, quota).apis
    assert (template.exhausted_at.isoformat() if template.exhausted_at else None) == at
