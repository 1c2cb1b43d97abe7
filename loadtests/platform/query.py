"""Reads query strings; the hot call needs a single value out of a short one."""

from urllib.parse import parse_qsl, unquote_to_bytes


def parameter(query: bytes, name: bytes) -> str:
    """The first value of `name`, percent-decoded; empty if there is none or it is not UTF-8."""
    prefix = name + b"="
    for part in query.split(b"&"):
        if part.startswith(prefix):
            value = part[len(prefix) :]
            if b"%" in value:
                value = unquote_to_bytes(value)
            return value.decode(errors="replace")
    return ""


def parameters(query: bytes) -> dict[str, str]:
    """All values by name; of a repeated name the last."""
    return dict(parse_qsl(query.decode(errors="replace"), keep_blank_values=True))
