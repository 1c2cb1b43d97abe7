"""An account: what the gateway verifies callbacks with and the pushers send with."""

import math
import re
from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr

from queues.quiet import QuietHours
from queues.secret import Secret

AccountKind = Literal["official", "wecom"]
ChannelKind = AccountKind | Literal["webhook"]
"""What an account must be, or must have, to offer a channel."""
DEFAULT_API_BASE: Mapping[AccountKind, str] = {
    "official": "https://api.weixin.qq.com",
    "wecom": "https://qyapi.weixin.qq.com",
}


ENCODING_AES_KEY: Final = re.compile(r"[A-Za-z0-9]{43}")
"""What an `aes_key` looks like: base64 of 32 bytes, of which the platform's console uses letters and digits alone."""


class RecipientLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """What one recipient will bear of one API: pushes a day (UTC+8), and a pause between two. Zero means unlimited."""

    per_day: int = 0
    gap_seconds: float = 0


class TemplateLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """What one template may use of its API's second and day. Zero means unlimited.

    The rate is kept as `most` sends in any window of `window_ms`: a second, or what that many take at a broken rate.
    """

    per_second: float = 0
    per_day: int = 0

    @property
    def most(self) -> int:
        return max(1, int(self.per_second)) if self.per_second else 0

    @property
    def window_ms(self) -> int:
        return math.ceil(1000 * self.most / self.per_second) if self.per_second else 1000


class ApiLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """What one API of one account allows. Zero means unlimited. `reserve` is the share of a day kept for `high`."""

    per_second: float = 0
    per_day: int = 0
    reserve: float = 0.2
    recipient: RecipientLimit = RecipientLimit()
    templates: dict[str, TemplateLimit] = {}

    @property
    def ordinary_per_day(self) -> int:
        """What pushes of other than high priority may use of a day."""
        return self.per_day - int(self.per_day * self.reserve)


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the channel `webhook` posts to, which only the operator says; without a URL there is no such channel.

    `secret` signs what is posted, in the form of Standard Webhooks (`pushers.webhooks.signature`).
    """

    url: str = ""
    secret: Secret = Secret("")


class Account(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One official account (公众号) or WeCom app (企业微信).

    `custom_window` false: recipients' windows are not kept, and the platform is left to refuse what is outside them.
    For WeCom `app_id` is the corp's id and `agent_id` the app's; `api_base` empty is the platform's own.
    """

    name: str
    kind: AccountKind = "official"
    app_id: str
    app_secret: Secret = Secret("")
    token: Secret = Secret("")
    aes_key: Secret = Secret("")
    aes_key_previous: Secret = Secret("")
    original_id: str = ""
    api_base: str = ""
    agent_id: int = 0
    custom_window: bool = True
    limits: dict[str, ApiLimit] = field(default_factory=dict)
    quiet_hours: QuietHours = QuietHours()
    webhook: Webhook = Webhook()
    classic_token: bool = False
    unknown_outcome: Literal["at_least_once", "at_most_once"] = "at_least_once"

    def __post_init__(self) -> None:
        if not self.api_base:
            force_setattr(self, "api_base", DEFAULT_API_BASE[self.kind])

    def url(self, path: str) -> str:
        """Where the platform takes requests to `path`, which begins with a slash."""
        return self.api_base.rstrip("/") + path

    def offers(self, kind: ChannelKind) -> bool:
        """Whether it has the channels of this kind."""
        return kind == self.kind or (kind == "webhook" and bool(self.webhook.url))

    def limit(self, api: str) -> ApiLimit:
        """The limit of one API (`template`, `custom`, …); unlimited where none is configured."""
        return self.limits.get(api, ApiLimit())
