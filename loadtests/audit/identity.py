"""What makes two callbacks the same one: not a digest of anyone's, but the fields themselves."""

from typing import NamedTuple

from loadtests.platform.callbacks import CallbackFields


class Identity(NamedTuple):
    """One callback. Event names are compared lower-cased, as their spelling on the wire varies (§1.7)."""

    openid: str
    type: str
    name: str
    created: int
    key: str
    msgid: str


def identify(row: CallbackFields) -> Identity:
    return Identity(row.openid, row.type.lower(), row.name.lower(), row.created, row.key, row.msgid)
