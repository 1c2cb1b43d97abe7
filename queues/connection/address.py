"""What the address in `store.url` says.

    redis://host:6379/0   rediss://…   unix:///path/to/socket
    redis+sentinel://host:26379,host:26379/service      rediss+sentinel://…
    redis+cluster://host:6379,host:6379                 rediss+cluster://…

A user and a password stand before the hosts (`//user:password@`) and are for the servers. Sentinel's own, the database
behind a Sentinel and the options of TLS follow as `?sentinel_password=…&db=…&ssl_ca_certs=…`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from msgspec import Struct

Address = tuple[str, int]
Kind = Literal["sentinel", "cluster"]

PLAIN = ("redis", "rediss", "unix")
SCHEMES = (*PLAIN, "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")

_PORTS: Mapping[Kind, int] = {"sentinel": 26_379, "cluster": 6_379}
_TLS_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")
# Not the client's timeouts, which are ours: a call must leave time to answer 503.
_PLAIN_OPTIONS = ("db", "username", "password", "client_name")
_OPTIONS: Mapping[Kind, Sequence[str]] = {"sentinel": ("db", "sentinel_username", "sentinel_password"), "cluster": ()}
_EXAMPLES: Mapping[Kind, str] = {
    "sentinel": "redis+sentinel://host:26379,host:26379/service",
    "cluster": "redis+cluster://host:6379,host:6379",
}

# What seems a host may be half of a password, so it is never shown.
_ESCAPES = " (in a password / ? # @ are written %2F %3F %23 %40)"


class StoreAddress(Struct, frozen=True, kw_only=True):
    """An address of several servers, taken apart.

    `hosts` are the Sentinels or some servers of the Cluster, `service` is what Sentinel calls the primary.
    """

    kind: Kind
    tls: bool
    hosts: tuple[Address, ...]
    credentials: str = ""
    service: str = ""
    options: Mapping[str, str] = {}

    def server(self, address: Address) -> str:
        """The URL of one server at that address."""
        host, port = address
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        options = {name: value for name, value in self.options.items() if not name.startswith("sentinel_")}
        return f"{'rediss' if self.tls else 'redis'}://{self.credentials}{place}?{urlencode(options)}"


def read_address(url: str) -> StoreAddress | None:
    """An address of Sentinel or Cluster taken apart; None if it is one server's.

    Raises:
        ValueError: it is no address that a store can be at; the words say what to write instead.
    """
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in SCHEMES:
        raise ValueError(f"expected a URL with {', '.join(f'{each}://' for each in SCHEMES)}")
    if scheme in PLAIN:
        _check_plain(url, scheme)
        return None
    kind: Kind = "sentinel" if scheme.endswith("+sentinel") else "cluster"
    parts = urlsplit(url)
    credentials, at, places = parts.netloc.rpartition("@")
    hosts = tuple(_hosts(places, kind))
    if not hosts:
        raise ValueError(f"names no host; write {_EXAMPLES[kind]}")
    rest = parts.path.strip("/")
    if kind == "sentinel" and (not rest or "/" in rest):
        raise ValueError(f"a Sentinel's address ends with the name of its service: {_EXAMPLES[kind]}")
    if kind == "cluster" and rest:
        raise ValueError(f"a Cluster has no databases, so nothing follows its hosts: {_EXAMPLES[kind]}")
    return StoreAddress(
        kind=kind,
        tls=scheme.startswith("rediss"),
        hosts=hosts,
        credentials=credentials + at,
        service=rest,
        options=dict(_options(parts.query, (*_OPTIONS[kind], *_TLS_OPTIONS))),
    )


def _check_plain(url: str, scheme: str) -> None:
    """What the client would stumble over later, with words that name no key."""
    parts = urlsplit(url)
    known = (*_PLAIN_OPTIONS, *(_TLS_OPTIONS if scheme == "rediss" else ()))
    for name, value in _options(parts.query, known):
        if name == "db" and not value.isdecimal():
            raise ValueError('"?db=" is no number')
    try:
        parts.port  # noqa: B018  reading it is the check
    except ValueError:
        raise ValueError(
            f"the host has no port that is a number{_ESCAPES}; several hosts need redis+sentinel:// or redis+cluster://"
        ) from None


def _hosts(places: str, kind: Kind) -> Iterator[Address]:
    for number, place in enumerate(filter(None, places.split(",")), 1):
        parts = urlsplit(f"//{place}")
        try:
            port = parts.port or _PORTS[kind]
        except ValueError:
            raise ValueError(f"host {number} has no port that is a number{_ESCAPES}; write {_EXAMPLES[kind]}") from None
        if not parts.hostname:
            raise ValueError(f"host {number} has no name; write {_EXAMPLES[kind]}")
        yield parts.hostname, port


def _options(query: str, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, value in parse_qsl(query):
        if name not in known:
            raise ValueError(f'"?{name}=" is no option of such an address; there are {", ".join(known)}')
        yield name, value
