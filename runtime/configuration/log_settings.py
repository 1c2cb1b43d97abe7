"""The `[logs]` table; here because its key is a secret, and `monitoring` imports none of ours."""

from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from monitoring.pseudonyms import Pseudonyms
from queues.account import Account
from queues.secret import Secret

_DERIVED = b"tidegate.logs"


class LogSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is logged, how, and how much of what repeats itself; `lines_per_second` is for each process and kind."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    lines_per_second: float = 50
    sent_share: float = 1.0
    pseudonym_key: Secret = Secret("")


def pseudonyms_of(logs: LogSettings, accounts: tuple[Account, ...]) -> Pseudonyms:
    """Recipients' names in the logs: of the key that is set, or of one derived from each account's own secret.

    A derived key changes with its account's secret, and then a person has another name than before.
    """
    return Pseudonyms({account.name: _key(logs.pseudonym_key or account.app_secret) for account in accounts})


def _key(secret: Secret) -> bytes:
    return blake2b(secret.reveal().encode(), digest_size=32, person=_DERIVED).digest()
