"""The `[pictures]` table."""

from msgspec import Struct

from queues.secret import Secret


class PictureSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which pictures are taken, for how long they are kept, and where links to them point.

    `allow` are the beginnings of the URLs that may be fetched; none: pictures come with the push alone. Links need
    `public_url`, under which the gateway is reached from outside, and `key`, which signs them and which all gateways
    share. Times are seconds, sizes bytes.
    """

    allow: tuple[str, ...] = ()
    max_bytes: int = 2_097_152  # the platform says 10 MB in one place and 2 MB in another
    fetch_seconds: float = 3.0
    keep_seconds: float = 604_800.0
    public_url: str = ""
    key: Secret = Secret("")
