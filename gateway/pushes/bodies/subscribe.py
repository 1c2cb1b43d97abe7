"""Subscription notices (订阅通知): a template that its recipient has agreed to receive."""

from msgspec import Struct
from msgspec.json import Encoder

from gateway.pushes.bodies.template import template_data
from gateway.pushes.item import Miniprogram, PushItem, TemplateValue
from queues.account import Account

_encode = Encoder().encode


class SubscribeBody(Struct, frozen=True, omit_defaults=True):
    """The platform's own object for `bizsend`, but for the recipient. What a push calls `url` is `page` there."""

    template_id: str
    data: dict[str, TemplateValue]
    page: str = ""
    miniprogram: Miniprogram | None = None


def subscribe_body(item: PushItem, _account: Account) -> bytes:
    """The body of a subscription notice.

    Raises:
        RejectedPushError: a field is missing, is not for this channel, or breaks the platform's rules.
    """
    return _encode(SubscribeBody(item.template_id, template_data(item), item.url, item.miniprogram))
