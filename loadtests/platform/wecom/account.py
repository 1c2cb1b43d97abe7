"""One WeCom application: everything the platform remembers about it."""

from collections.abc import Collection, Mapping

from loadtests.platform.call import Served
from loadtests.platform.ledger import Ledger
from loadtests.platform.official.media_shelf import MediaShelf
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.platform.recipients import Recipients
from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import Numberer
from loadtests.platform.wecom.directory import Directory
from loadtests.platform.wecom.errors import error
from loadtests.platform.wecom.frequency import BaseFrequency, MemberLimits
from loadtests.platform.wecom.outgoing import Outgoing
from loadtests.platform.wecom.tokens import WecomTokens
from loadtests.platform.windows import HOUR, FixedWindow

PERSON_TIMES = 200
"""Person-times a day for each account of the corp (§4.10)."""


class WecomAccount:
    """The state of one application; the calls that read and change it are plain functions beside it."""

    def __init__(
        self,
        facts: AccountOptions,
        options: SimulatorOptions,
        ledger: Ledger,
        *,
        desk: str,
        now: float,
        secrets: Collection[str],
    ) -> None:
        """`desk` begins every token of this application; `secrets` are those of all of them."""
        self.facts = facts
        self.options = options
        self.ledger = ledger
        self.name = facts.name
        self.routes: Mapping[bytes, Served] = {}
        self.callback_host = ""
        self.secrets = secrets
        same = options.wecom_token == "same"  # noqa: S105 - a choice, no secret
        self.tokens = WecomTokens(facts.app_id, facts.app_secret, options.token_seconds, desk, same=same)
        self.recipients = Recipients(options.unsubscribed_share, options.seed)
        self.directory = Directory(self.recipients, options.followers)
        self.members = MemberLimits(options.member_per_minute, options.member_per_hour)
        offset = int(options.day_offset_hours * HOUR)
        self.person_times = FixedWindow.day(options.wecom_accounts * PERSON_TIMES, offset)
        self.outgoing = Outgoing(options.response_code_hours * HOUR)
        self.media = MediaShelf(desk)
        self.numberer = Numberer(now)
        self._limits: dict[str, BaseFrequency] = {}

    def limits(self, api: str) -> BaseFrequency:
        """The base frequency of one API; message/send has limits of its own instead, and all are off by default."""
        limits = self._limits.get(api)
        if limits is None:
            free = api == "wecom" or self.options.quota_table == "off"
            cap = self.options.concurrency_cap
            limits = BaseFrequency(0, 0, cap) if free else BaseFrequency(concurrency=cap)
            self._limits[api] = limits
        return limits

    @property
    def apis(self) -> tuple[str, ...]:
        return tuple(self._limits)

    def exhaust(self, api: str, now: float) -> None:
        """Use up the day's person-times (`wecom`), or block another API. Raises ValueError for an unknown one."""
        if api not in self._limits:
            raise ValueError(f"{self.name} has no API {api!r}")
        if api == "wecom":
            self.person_times.exhaust(now)
        else:
            self._limits[api].exhaust(now)

    def recover(self) -> None:
        """Begin all quotas again."""
        self.person_times.clear()
        for limits in self._limits.values():
            limits.clear()

    def error(self, refusal: RefusedError, _path: bytes, now: float) -> bytes:
        """A refusal's body."""
        return error(refusal, now)
