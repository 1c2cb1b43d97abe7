"""Subscription notices (订阅通知): `POST /cgi-bin/message/subscribe/bizsend`.

There is no id by which the platform knows a repeat: one whose answer was lost may arrive twice. An answer without
`msgid` is documented to be possible; the receipt of such a send (`subscribe_msg_sent_event`) finds nothing, and the
push stays `sent`.
"""

from pushers.channels.channel import Channel, to_recipient

SUBSCRIBE = Channel(api="subscribe", path=lambda _push: "/cgi-bin/message/subscribe/bizsend", body=to_recipient)
