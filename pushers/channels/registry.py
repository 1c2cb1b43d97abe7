"""The channels there are, by the name that a push carries."""

from collections.abc import Mapping

from pushers.channels.channel import Channel
from pushers.channels.custom import CustomChannel
from pushers.channels.mass import MassChannel
from pushers.channels.subscribe import SubscribeChannel
from pushers.channels.template import TemplateChannel
from pushers.channels.wecom import WecomChannel

CHANNELS: Mapping[str, Channel] = {
    channel.api: channel
    for channel in (TemplateChannel(), SubscribeChannel(), CustomChannel(), MassChannel(), WecomChannel())
}
