"""Campaigns of many accounts: who they are, and what they used of their rates."""

from loadtests.chaos.faults.campaigns import Campaigns, shares_used
from loadtests.platform.ledger import SendRow
from loadtests.platform.options import SimulatorOptions


def sends(app_id: str, *times: float) -> list[SendRow]:
    return [SendRow(at=at, app_id=app_id, openid="o", client_msg_id="p", msgid=1) for at in times]


def test_an_account_is_measured_by_its_own_sends_while_all_had_some():
    rows = sends("wxcampaign0", 9.9, 10, 11, 11.5, 12) + sends("wxcampaign2", 10.5) + sends("wx1", 10.5)
    assert shares_used(rows, accounts=3, per_second=2, began=10, ended=12) == [0.75, 0, 0.25]


def test_the_platform_and_the_gateway_know_the_same_accounts():
    campaigns = Campaigns(accounts=3, per_second=7)
    platform = campaigns.platform(SimulatorOptions())
    written = campaigns.configuration(platform)
    assert len(platform.accounts) == 3
    assert all(f'app_id = "{each.app_id}"' in written for each in platform.accounts)
    assert written.count("per_second = 7") == 3
