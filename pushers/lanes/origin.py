"""Where requests go: scheme, host, port, and the path in front of every request's own."""

from urllib.parse import urlsplit

from msgspec import Struct

_PORTS = {"http": 80, "https": 443}


class Origin(Struct, frozen=True):
    """One server as a lane sees it."""

    scheme: str
    host: str
    port: int

    @property
    def host_header(self) -> str:
        """The `Host` field: the port only where it is not the scheme's own, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def split_base(url: str) -> tuple[Origin, str]:
    """The origin and path prefix (without a final slash) of a base such as `https://api.weixin.qq.com`.

    Raises:
        ValueError: not an http or https URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"not an http or https address: {url!r}")
    return Origin(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]), parts.path.rstrip("/")
