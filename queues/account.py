"""An account: what the gateway verifies callbacks with and the pushers send with."""

from typing import Literal

from msgspec import Struct, field

from queues.secret import Secret

AccountKind = Literal["official", "wecom"]
DEFAULT_API_BASE = "https://api.weixin.qq.com"


class ApiLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """What one API of one account allows. Zero means unlimited."""

    per_second: float = 0
    per_day: int = 0


class Account(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One official account (公众号) or WeCom app (企业微信)."""

    name: str
    kind: AccountKind = "official"
    app_id: str
    app_secret: Secret = Secret("")
    token: Secret = Secret("")
    aes_key: Secret = Secret("")
    aes_key_previous: Secret = Secret("")
    original_id: str = ""
    api_base: str = DEFAULT_API_BASE
    limits: dict[str, ApiLimit] = field(default_factory=dict)

    def limit(self, api: str) -> ApiLimit:
        """The limit of one API (`template`, `custom`, …); unlimited where none is configured."""
        return self.limits.get(api, ApiLimit())
