"""What the simulator can be told on its command line."""

import re
from base64 import b64decode
from collections import Counter
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct, field

from loadtests.platform.faults import FaultRule, steps_of
from loadtests.platform.latency import Shape
from loadtests.platform.quota_tables import QuotaTable

Mode = Literal["plaintext", "compatible", "secure"]
Format = Literal["xml", "json"]
Kind = Literal["official", "wecom"]

Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
Several = Annotated[int, Meta(ge=1)]

_KEY = re.compile(r"[0-9A-Za-z]{43}")
_BIND = re.compile(r".+:\d{1,5}")
_LAST_PORT = 65_535


class CallbackKeys(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an account's callbacks are signed and encrypted with, and who they say they are for.

    For WeCom `app_id` is the corpid; it is always secure.
    """

    kind: Kind = "official"
    app_id: str = ""
    token: str
    aes_key: str = ""
    mode: Mode = "plaintext"
    format: Format = "xml"
    original_id: str = ""
    agent_id: int = 1_000_002


class AccountOptions(CallbackKeys, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One account; for WeCom, one application is one account."""

    app_id: str
    app_secret: str
    callback_url: str = ""

    def __post_init__(self) -> None:
        if not (self.app_id and self.app_secret):
            raise ValueError("app_id and app_secret are needed")
        if self.kind == "official" and not self.original_id:
            raise ValueError("an official account has an original_id (gh_…)")
        if (self.aes_key or self.mode != "plaintext" or self.kind == "wecom") and not _KEY.fullmatch(self.aes_key):
            raise ValueError("aes_key: an EncodingAESKey has 43 letters and digits")
        if self.callback_url:
            check_url("callback_url", self.callback_url)

    @property
    def name(self) -> str:
        """What the ledger, faults and controls call it: the appid, for WeCom `corpid:agentid`."""
        return f"{self.app_id}:{self.agent_id}" if self.kind == "wecom" else self.app_id


class SimulatorOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One simulated platform. `kind` to `agent_id`, and `callback_url`, are its first account; `accounts` are more.

    Times are seconds unless the name says otherwise, shares and fault rates lie in 0..1, and a limit of 0 is no limit.
    With nothing given it is the platform that `demo` runs against: quick, healthy, plaintext, no callbacks until a
    `callback_url` is set (here, or later at `POST /_sim/callback_url`). `docs/simulator.md` explains every field.
    """

    bind: str = "127.0.0.1:8180"
    kind: Kind = "official"
    app_id: str = "wx0000000000000001"
    app_secret: str = "0123456789abcdef0123456789abcdef"  # noqa: S105 - the simulator's own, made up
    token: str = "tidegateDemoToken"  # noqa: S105 - the simulator's own, made up
    aes_key: str = ""
    mode: Mode = "plaintext"
    format: Format = "xml"
    original_id: str = "gh_000000000001"
    agent_id: int = 1_000_002
    accounts: tuple[AccountOptions, ...] = ()
    templates: tuple[str, ...] = ()

    latency_ms: Seconds = 0
    latency_shape: Shape = "lognormal"
    jitter: Seconds = 0
    slow_share: Share = 0
    slow_ms: Seconds = 0
    faults: dict[str, float] = field(default_factory=dict)
    fault_rules: tuple[FaultRule, ...] = ()

    per_day: Count = 0
    per_minute: Count = 0
    quota_table: QuotaTable = "off"
    quotas: dict[str, Count] = field(default_factory=dict)
    minute_quotas: dict[str, Count] = field(default_factory=dict)
    day_offset_hours: float = 8.0
    concurrency_cap: Count = 0

    token_seconds: Several = 7200
    live_tokens: Several = 2
    wecom_token: Literal["same", "new"] = "same"  # noqa: S105 - a choice, no secret

    webhook_secret: str = ""

    repeat_errcode: int = 0
    unsubscribed_share: Share = 0
    followers: Count = 0
    user_get_end: Literal["no_data", "empty_data"] = "no_data"

    custom_windows: Literal["on", "off"] = "on"
    custom_messages: Count = 5
    payment_window: Literal["off", "on"] = "off"
    subscribe_allowance: Annotated[int, Meta(ge=-1)] = 0
    subscribe_failure: str = "1:failed"
    bizsend_msgid: Literal["yes", "no"] = "yes"
    mass_per_month: Count = 4
    mass_status: str = "send success"
    clientmsgid_bytes: Several = 64
    image_mb: Several = 10
    media_errcode: Literal["absent", "present"] = "absent"
    unknown_media: Literal["refuse", "accept"] = "refuse"

    member_per_minute: Count = 30
    member_per_hour: Count = 1_000
    wecom_accounts: Count = 0
    wecom_over_budget: Literal["error", "drop"] = "error"
    wecom_repeat_errcode: int = 0
    response_code_hours: Seconds = 72

    callback_url: str = ""
    callback_connections: Several = 64
    callback_deliveries: Several = 3
    callback_seconds: Seconds = 5.0
    callback_pause: Seconds = 0
    callback_query: Literal["fresh", "same"] = "fresh"
    callback_status: Literal["200", "any"] = "200"
    duplicate_share: Share = 0
    disorder_share: Share = 0
    disorder_seconds: Seconds = 1.0
    receipt_delay: Seconds = 0.5
    user_block_share: Share = 0
    system_failed_share: Share = 0
    freq_limit_share: Share = 0
    mute_failures: Count = 30
    mute_window: Seconds = 300.0
    mute_seconds: Seconds = 60.0
    mute_events: Literal["lost", "kept"] = "lost"

    seed: int = 1
    ledger_rows: Several = 1_000_000
    ledger_path: str = ""
    ledger_max_bytes: Count = 1_073_741_824

    def __post_init__(self) -> None:
        """Raises ValueError that begins with the name of the field."""
        if not _BIND.fullmatch(self.bind) or int(self.bind.rpartition(":")[2]) > _LAST_PORT:
            raise ValueError(f"bind: expected HOST:PORT, got {self.bind!r}")
        try:
            steps_of(self.faults)
        except ValueError as error:
            raise ValueError(f"faults: {error}") from None
        try:
            b64decode(self.webhook_secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            raise ValueError("webhook_secret: expected whsec_ and base64") from None
        if self.user_block_share + self.system_failed_share + self.freq_limit_share > 1:
            raise ValueError("user_block_share: the shares of failed receipts exceed 1 together")
        if not self.subscribe_failure.partition(":")[0].isdigit():
            raise ValueError("subscribe_failure: expected CODE:TEXT, as in 1:failed")
        names = Counter(account.name for account in self.every_account())
        twice = [name for name, times in names.items() if times > 1]
        if twice:
            raise ValueError(f"accounts: {twice[0]} is given twice")

    @property
    def account(self) -> AccountOptions:
        """The first account. Raises ValueError if it does not make sense."""
        return AccountOptions(**{name: getattr(self, name) for name in AccountOptions.__struct_fields__})

    def every_account(self) -> tuple[AccountOptions, ...]:
        """The first account and the others. Raises ValueError if the first does not make sense."""
        return self.account, *self.accounts


def check_url(name: str, url: str) -> None:
    """Raises ValueError for anything but `http://host:port/path` without a query."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.query:
        raise ValueError(f"{name}: {url!r} is not a plain http:// address without a query")
