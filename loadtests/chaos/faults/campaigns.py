"""Campaigns of many accounts at once, each with more to send than its rate lets through."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import mean
from typing import Annotated, ClassVar

import msgspec
import trio

from loadtests.chaos.evidence import Evidence, Figure
from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.scene import Scene
from loadtests.generators.campaign import CampaignOptions, run_campaign
from loadtests.platform.ledger import SendRow
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.stand.configuration import UPSTREAM_KEY, one_more_account

_SPARE_SECONDS = 10.0
"""Worth of pushes more than are watched, for the time it takes to enqueue all of them."""
_APP_ID = "wxcampaign"


def shares_used(sends: Iterable[SendRow], accounts: int, per_second: float, began: float, ended: float) -> list[float]:
    """What each of the accounts used of its rate between these times, in seconds since the epoch."""
    found = Counter(row.app_id for row in sends if began <= row.at < ended)
    return [found[_app_id(n)] / (per_second * (ended - began)) for n in range(accounts)]


def _shares(evidence: Evidence) -> list[float]:
    shares: list[float] = []
    for happening in evidence.of("campaigns"):
        accounts = int(happening.measured["accounts"])
        shares += shares_used(
            evidence.platform.sends, accounts, evidence.per_second, *evidence.on_the_platform(happening)
        )
    return shares


def _used(evidence: Evidence) -> float | None:
    shares = _shares(evidence)
    return round(mean(shares), 4) if shares else None


def _least(evidence: Evidence) -> float | None:
    shares = _shares(evidence)
    return round(min(shares) / mean(shares), 4) if any(shares) else None


class Campaigns(Fault, frozen=True, kw_only=True, tag="campaigns"):
    """Enqueue for `accounts` of their own at once, and watch for `seconds` what of their rates is used.

    Each may send `per_second`, which is the stand's `per_second`, too: the audit holds all accounts to that. Their
    pushes get no receipts.
    """

    figures: ClassVar[Mapping[str, Figure]] = {
        "rates_used": Figure("the share of many accounts' rates that was used while all had pushes waiting", _used),
        "rates_used_least": Figure(
            "what the account that used least had, as a part of what they had on average", _least
        ),
    }

    accounts: Annotated[int, msgspec.Meta(ge=1)]
    per_second: Annotated[int, msgspec.Meta(ge=1)] = 20
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 20

    def platform(self, options: SimulatorOptions) -> SimulatorOptions:
        more = tuple(
            AccountOptions(
                app_id=_app_id(n), app_secret=options.app_secret, token=options.token, original_id=f"gh_campaign{n}"
            )
            for n in range(self.accounts)
        )
        return msgspec.structs.replace(options, accounts=(*options.accounts, *more))

    def configuration(self, platform: SimulatorOptions) -> str:
        return "".join(
            one_more_account(platform, _name(n), per_second=self.per_second, app_id=_app_id(n))
            for n in range(self.accounts)
        )

    async def commit(self, scene: Scene, chance: random.Random) -> None:
        count = int(self.per_second * (self.seconds + _SPARE_SECONDS))
        for n in range(self.accounts):
            options = CampaignOptions(
                url=scene.stand.gateway_url,
                key=UPSTREAM_KEY,
                account=_name(n),
                count=count,
                connections=1,
                seed=chance.randrange(10_000),
            )
            scene.progress.pushes += (await run_campaign(options)).rows
        happening = scene.begin("campaigns", f"of {self.accounts} accounts")
        happening.measured["accounts"] = self.accounts
        await trio.sleep(self.seconds)
        happening.healed = trio.current_time()


def _name(number: int) -> str:
    return f"campaign-{number}"


def _app_id(number: int) -> str:
    return f"{_APP_ID}{number}"
