"""Template messages (模板消息): a template of the account, its fields filled in."""

import re
from functools import lru_cache

from msgspec import Struct
from msgspec.json import Encoder

from gateway.pushes.bodies.field_rules import FieldRule, rule_of
from gateway.pushes.complaint import RejectedPushError, shorten
from gateway.pushes.item import Miniprogram, PushItem, TemplateValue
from queues.account import Account

_encode = Encoder().encode
_WEB_ADDRESS = re.compile(r"(?i:https?)://[^\s/?#\x00-\x1f\x7f][!-~]*+[^\s\x00-\x1f\x7f]*")


class TemplateBody(Struct, frozen=True, omit_defaults=True, gc=False):
    """The platform's own object for a template message, but for the recipient and `client_msg_id`."""

    template_id: str
    data: dict[str, TemplateValue]
    url: str = ""
    miniprogram: Miniprogram | None = None


def template_body(item: PushItem, _account: Account) -> bytes:
    """The body of a template message.

    Raises:
        RejectedPushError: a field is missing, is not for this channel, or breaks the platform's rules.
    """
    return _encode(TemplateBody(item.template_id, template_data(item), item.url, item.miniprogram))


def template_data(item: PushItem) -> dict[str, TemplateValue]:
    """The fields of a push that fills in a template.

    Raises:
        RejectedPushError: the platform would refuse them; the field is named, with the rule it breaks.
    """
    if item.message:
        raise RejectedPushError(".message", f"is for other channels; {item.channel} takes template_id and data")
    if not item.template_id:
        raise RejectedPushError(".template_id", f"required for channel {item.channel}")
    if item.data is None:
        raise RejectedPushError(".data", f"required for channel {item.channel}")
    if item.url and not _WEB_ADDRESS.fullmatch(item.url):
        raise RejectedPushError(".url", "expected an address that begins with https:// or http://, without spaces")
    data = {}
    for name, value in item.data.items():
        field = data[name] = TemplateValue(value) if isinstance(value, str) else value
        rule = _rule_of(name)
        if rule and not rule.pattern.fullmatch(field.value):
            reason = f"expected {rule.words}; it has {len(field.value)} characters"
            raise RejectedPushError(f".data.{shorten(name)}", reason)
    return data


@lru_cache(maxsize=4096)  # what is said of a name need be found once, not in every push
def _rule_of(name: str) -> FieldRule | None:
    if name.upper().endswith(".DATA"):
        reason = f"write '{shorten(name[:-5])}': .DATA belongs to the template's text alone"
        raise RejectedPushError(f".data.{shorten(name)}", reason)
    return rule_of(name)
