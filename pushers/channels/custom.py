"""Customer-service messages (客服消息): `POST /cgi-bin/message/custom/send`.

Only within the windows that a recipient opens by writing, following, scanning or choosing from the menu. The answer has
no msgid and no receipt follows, so `sent` is the last that is known. Nor does the platform know a repeat: one whose
answer was lost may arrive twice.
"""

from pushers.channels.channel import Channel, to_recipient

CUSTOM = Channel(
    api="custom",
    path=lambda _push: "/cgi-bin/message/custom/send",
    body=to_recipient,
    receipt=False,
    windowed=True,
    picture_field=b'"image":{"media_id":%b}',
)
