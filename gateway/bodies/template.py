"""Template messages (模板消息): a template of the account, its fields filled in."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.json import Encoder

from gateway.bodies.field_rules import broken_rule
from gateway.complaint import RejectedPushError, shorten
from gateway.push_item import Miniprogram, PushItem, TemplateValue

_encode = Encoder().encode


class TemplateBody(Struct, frozen=True, omit_defaults=True):
    """The platform's own object for a template message, but for the recipient and `client_msg_id`."""

    template_id: str
    data: dict[str, TemplateValue]
    url: str = ""
    miniprogram: Miniprogram | None = None


def template_body(item: PushItem) -> bytes:
    """The body of a template message.

    Raises:
        RejectedPushError: a field is missing, or is not for this channel.
    """
    if item.message:
        raise RejectedPushError(".message", "is for other channels; template takes template_id and data")
    if not item.template_id:
        raise RejectedPushError(".template_id", "required for channel template")
    if item.data is None:
        raise RejectedPushError(".data", "required for channel template")
    data = {key: TemplateValue(value) if isinstance(value, str) else value for key, value in item.data.items()}
    check_data(data)
    return _encode(TemplateBody(item.template_id, data, item.url, item.miniprogram))


def check_data(data: Mapping[str, TemplateValue]) -> None:
    """Look at the names and values of a template's fields.

    Raises:
        RejectedPushError: the platform would refuse it; the field is named, with the rule it breaks.
    """
    for key, field in data.items():
        if key.upper().endswith(".DATA"):
            reason = f"write '{shorten(key[:-5])}': .DATA belongs to the template's text alone"
            raise RejectedPushError(f".data.{shorten(key)}", reason)
        if rule := broken_rule(key, field.value):
            raise RejectedPushError(f".data.{shorten(key)}", f"expected {rule}; it has {len(field.value)} characters")
