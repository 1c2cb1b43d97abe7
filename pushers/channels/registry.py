"""The channels there are, by the name that a push carries."""

from collections.abc import Mapping

from pushers.channels.channel import Channel
from pushers.channels.custom import CUSTOM
from pushers.channels.mass import MASS
from pushers.channels.subscribe import SUBSCRIBE
from pushers.channels.template import TEMPLATE
from pushers.channels.webhook import WEBHOOK
from pushers.channels.wecom import WECOM

CHANNELS: Mapping[str, Channel] = {
    channel.api: channel for channel in (TEMPLATE, SUBSCRIBE, CUSTOM, MASS, WECOM, WEBHOOK)
}
