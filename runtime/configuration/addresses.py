"""`HOST:PORT` and URLs, as the configuration and the command line write them."""

from urllib.parse import urlsplit

_MAX_PORT = 65_535


def parse_address(text: str) -> tuple[str, int]:
    """Split `HOST:PORT`; an IPv6 host stands in brackets; port 0 asks for any free one.

    Raises:
        ValueError: It is not an address; the message says what to write instead.
    """
    host, separator, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f'expected an IPv6 host in brackets as in [::1]:8080, got "{text}"')
    if not separator or not host or not (port.isascii() and port.isdecimal()):
        raise ValueError(f'expected HOST:PORT such as 127.0.0.1:8080, got "{text}"')
    if int(port) > _MAX_PORT:
        raise ValueError(f"expected a port from 0 to {_MAX_PORT}, got {port}")
    if not _may_be_looked_up(host):
        raise ValueError(f'expected a host\'s name or address before the port, got "{host}"')
    return host, int(port)


def format_address(host: str, port: int) -> str:
    """The opposite of `parse_address`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_web_address(text: str) -> bool:
    """Whether `text` is an http or https URL with a host that can be looked up and, if it names one, a valid port."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  raises ValueError if it is not a number up to 65,535
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and _may_be_looked_up(parts.hostname or "")


def _may_be_looked_up(host: str) -> bool:
    """Whether a resolver takes the name at all: it has no empty label, and none of more than 63 bytes."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True
