"""The channels there are, by the name that a push carries."""

from collections.abc import Mapping

from pushers.channels.channel import Channel
from pushers.channels.template import TemplateChannel

CHANNELS: Mapping[str, Channel] = {"template": TemplateChannel()}
