"""The channels, in the order in which they take letters over."""

from service.notify.channel import Channel
from service.notify.channels.inbox import Inbox
from service.notify.channels.webhook import Webhook

CHANNELS: tuple[Channel, ...] = (Inbox(), Webhook())
