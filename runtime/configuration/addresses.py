"""`HOST:PORT`, as the configuration and the command line write it."""

_MAX_PORT = 65_535


def parse_address(text: str) -> tuple[str, int]:
    """Split `HOST:PORT`; an IPv6 host stands in brackets; port 0 asks for any free one.

    Raises:
        ValueError: With words for whoever wrote it.
    """
    host, separator, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f'expected an IPv6 host in brackets as in [::1]:8080, got "{text}"')
    if not separator or not host or not port.isdecimal():
        raise ValueError(f'expected HOST:PORT such as 127.0.0.1:8080, got "{text}"')
    if int(port) > _MAX_PORT:
        raise ValueError(f"expected a port from 0 to {_MAX_PORT}, got {port}")
    return host, int(port)


def format_address(host: str, port: int) -> str:
    """The opposite of `parse_address`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
