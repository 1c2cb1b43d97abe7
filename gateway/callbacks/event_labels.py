"""The names under which callbacks are counted: those the platform is known to send, so that labels stay few."""

from queues.event import CallbackEvent

OTHER = "other"
"""Stands for everything that is not known: a metric must not grow with what strangers send."""

_MESSAGES = ("text", "image", "voice", "video", "shortvideo", "location", "link")
_OFFICIAL_EVENTS = (
    "subscribe", "unsubscribe", "scan", "click", "view", "view_miniprogram", "scancode_push", "scancode_waitmsg",
    "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select", "templatesendjobfinish",
    "masssendjobfinish", "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event",
    "kf_create_session", "kf_close_session", "kf_switch_session", "user_info_modified", "user_authorization_revoke",
)  # fmt: skip
_WECOM_EVENTS = (
    "enter_agent", "batch_job_result", "change_contact", "change_external_contact", "template_card_event",
    "template_card_menu_event", "sys_approval_change", "open_approval_change", "kf_msg_or_event",
)  # fmt: skip
_KNOWN = frozenset((*_MESSAGES, *_OFFICIAL_EVENTS, *_WECOM_EVENTS))


def event_label(event: CallbackEvent) -> str:
    """The event's name, or a message's type, if it is a known one; `location` is both, and counted together."""
    name = event.name or event.type
    return name if name in _KNOWN else OTHER
