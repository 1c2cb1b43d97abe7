"""The bodies of `POST /_sim/…`; `docs/simulator.md` explains them. `account` empty means the first one."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from loadtests.platform.faults import FaultRule
from loadtests.platform.latency import Shape
from loadtests.platform.official.custom_windows import Trigger
from loadtests.platform.outage import Manner

Amount = Annotated[float, Meta(ge=0)]


class Order(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    account: str = ""


class Invalidate(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """tokens/invalidate."""

    errcode: int = 40001


class SetFaults(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """faults: replaces rates, rules and latency, for all accounts."""

    rates: dict[str, float] = {}
    rules: tuple[FaultRule, ...] = ()
    latency_ms: Amount = 0
    latency_shape: Shape = "lognormal"
    jitter: Amount = 0
    slow_share: Annotated[float, Meta(ge=0, le=1)] = 0
    slow_ms: Amount = 0


class SetLimits(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """limits: replaces those of one API of an official account."""

    api: str = "template"
    per_day: Annotated[int, Meta(ge=0)] = 0
    per_minute: Annotated[int, Meta(ge=0)] = 0


class Fire(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """callback: a text, a message of another `type`, or an event; `fields` are the elements beside the common ones."""

    openid: str
    event: str = ""
    key: str = ""
    text: str = ""
    type: str = ""
    fields: dict[str, Any] = {}


class Prompt(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """subscription: what somebody chose for a template, in a prompt or (`change`) in the settings."""

    openid: str
    template_id: str
    choice: Literal["accept", "reject", "change"] = "accept"
    scene: int = 2


class Interact(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """interaction: opens a customer-service window without a callback."""

    openid: str
    trigger: Trigger = "message"


class CallbackUrl(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """callback_url: where callbacks go from now on; empty: nowhere."""

    url: str


class Exhaust(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """quota/exhaust: the day's quota of one API is used up; empty is the one that sends messages."""

    api: str = ""


class Down(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """down: the whole API, for a while."""

    how: Manner = "5xx"
    seconds: Annotated[float, Meta(gt=0)] = 30


class Recover(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """recover: the outage ends, faults are those of the start, quotas begin again."""
