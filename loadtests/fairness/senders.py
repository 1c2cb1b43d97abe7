"""The small senders: who they are, and what a stand's configuration has for them."""

from typing import Literal

from msgspec import Struct

from loadtests.platform.options import SimulatorOptions
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY, one_more_account, one_more_upstream, upstream_key

Kind = Literal["upstreams", "accounts"]
"""Several upstreams of the stand's one account, or several accounts of its one upstream."""


class Sender(Struct, frozen=True):
    """Who sends, and through which account."""

    account: str
    key: str


def senders(kind: Kind, count: int) -> list[Sender]:
    """As many small senders as `count`."""
    if kind == "upstreams":
        return [Sender(ACCOUNT, upstream_key(f"small-{n}")) for n in range(count)]
    return [Sender(f"small-{n}", UPSTREAM_KEY) for n in range(count)]


def configuration(kind: Kind, count: int, platform: SimulatorOptions, per_second: int) -> str:
    """What the stand's configuration needs for them; an account may send `per_second`."""
    if kind == "upstreams":
        return "".join(one_more_upstream(f"small-{n}") for n in range(count))
    return "".join(one_more_account(platform, f"small-{n}", per_second=per_second) for n in range(count))
