"""One official account: everything the platform remembers about it."""

from collections.abc import Callable, Mapping

from loadtests.platform import answers
from loadtests.platform.call import Served
from loadtests.platform.callbacks import Callback
from loadtests.platform.fates import Fates
from loadtests.platform.ledger import Ledger, SendRow
from loadtests.platform.official.custom_windows import CustomWindows
from loadtests.platform.official.followers import Followers
from loadtests.platform.official.mass_desk import MassDesk
from loadtests.platform.official.media_shelf import MediaShelf
from loadtests.platform.official.permissions import Permissions
from loadtests.platform.official.qr_codes import QrCodes
from loadtests.platform.official.quota_desk import QuotaDesk
from loadtests.platform.official.rid_log import RidLog
from loadtests.platform.options import AccountOptions, SimulatorOptions
from loadtests.platform.quota_tables import PER_DAY, PER_MINUTE
from loadtests.platform.quotas import QuotaRules
from loadtests.platform.recipients import Recipients
from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import Numberer, RepeatGuard
from loadtests.platform.tokens import TokenDesk
from loadtests.platform.windows import HOUR

Emit = Callable[[float, Callback], None]
"""Called with the delay in seconds and the callback that is then due."""


class OfficialAccount:
    """The state of one account; the calls that read and change it are plain functions beside it."""

    def __init__(
        self, facts: AccountOptions, options: SimulatorOptions, ledger: Ledger, emit: Emit, *, desk: str, now: float
    ) -> None:
        """`desk` begins every token of this account, so that a token tells whose it is."""
        self.facts = facts
        self.options = options
        self.ledger = ledger
        self.emit = emit
        self.name = facts.name
        self.routes: Mapping[bytes, Served] = {}
        self.callback_host = ""
        self.tokens = TokenDesk(
            facts.app_id, facts.app_secret, options.token_seconds, desk, live_tokens=options.live_tokens
        )
        self.recipients = Recipients(options.unsubscribed_share, options.seed)
        self.followers = Followers(options.followers, self.recipients)
        self.fates = Fates(
            options.user_block_share, options.system_failed_share, options.freq_limit_share, options.seed
        )
        self.repeats = RepeatGuard(options.ledger_rows)
        self.numberer = Numberer(now)
        self.quotas = QuotaDesk(quota_rules(options))
        self.rids = RidLog()
        self.windows = CustomWindows(options.custom_messages, paying=options.payment_window == "on")
        self.permissions = Permissions(options.subscribe_allowance)
        self.mass = MassDesk(options.mass_per_month, options.clientmsgid_bytes)
        self.media = MediaShelf(desk)
        self.qr_codes = QrCodes(desk)

    def error(self, refusal: RefusedError, path: bytes, now: float) -> bytes:
        """A refusal's body; its rid can be asked about for a week."""
        rid = next(self.rids.fresh)
        body = answers.error(refusal.errcode, rid, refusal.detail, refusal.extra)
        self.rids.remember(rid, path.decode(errors="replace"), body, now)
        return body

    def recover(self) -> None:
        """Begin all quotas again."""
        for api in self.quotas.apis:
            self.quotas.of(api).clear()

    def record(
        self,
        channel: str,
        openid: str,
        msgid: int,
        now: float,
        *,
        client_id: str = "",
        repeat: bool = False,
        answered: bool = True,
        media: tuple[str, ...] = (),
    ) -> None:
        """Put an accepted message into the ledger."""
        self.ledger.sent(
            SendRow(
                at=now,
                app_id=self.name,
                openid=openid,
                client_msg_id=client_id,
                msgid=msgid,
                repeat=repeat,
                answered=answered,
                channel=channel,
                media=media,
            )
        )


def quota_rules(options: SimulatorOptions) -> QuotaRules:
    """The limits of an account: the table's, then those given by name; `per_day` and `per_minute` are template's."""
    per_day = {**PER_DAY[options.quota_table], **options.quotas}
    per_minute = {**PER_MINUTE[options.quota_table], **options.minute_quotas}
    if options.per_day:
        per_day["template"] = options.per_day
    if options.per_minute:
        per_minute["template"] = options.per_minute
    return QuotaRules(
        per_day=per_day,
        per_minute=per_minute,
        concurrency=options.concurrency_cap,
        day_offset=int(options.day_offset_hours * HOUR),
    )
