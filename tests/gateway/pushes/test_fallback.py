"""The further channels of a push: each is checked as if it were the only one."""

import json

import msgspec
import pytest

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.reader import PushReader
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account
from queues.push import Fallback

READER = PushReader(Upstream(name="fines", key=UpstreamKey("key-of-fines")), [Account(name="traffic", app_id="wx1")])
TEXT = {"msgtype": "text", "text": {"content": "hi"}}
ITEM = {"account": "traffic", "channel": "custom", "to": "oUSER", "message": TEXT}
TEMPLATE = {"channel": "template", "template_id": "T", "data": {"thing1": "hi"}}


def read(*fallback):
    return READER.read(msgspec.Raw(json.dumps(ITEM | {"fallback": fallback}).encode()), 1_777_593_600.0)


def test_each_channel_has_its_own_body_and_reasons():
    push = read(TEMPLATE, TEMPLATE | {"channel": "subscribe", "on": ["rejected", "rejected"]})
    body = b'{"template_id":"T","data":{"thing1":{"value":"hi"}}}'
    assert push.fallback == (
        Fallback("template", body, ("window", "refused")),
        Fallback("subscribe", body, ("rejected",)),
    )


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"channel": "template"}, ".fallback[0].template_id: required for channel template"),
        (TEMPLATE | {"data": {"thing1": ""}}, ".fallback[0].data.thing1: expected 1 to 20 letters, digits or symbols"),
        (TEMPLATE | {"channel": "sms"}, ".fallback[0].channel: 'sms' is an unknown channel"),
        (TEMPLATE | {"channel": "wecom"}, ".fallback[0].channel: 'wecom' is no channel of an account of kind official"),
        (TEMPLATE | {"to": "oOTHER"}, ".fallback[0].to: unknown field"),
        (TEMPLATE | {"on": ["43101"]}, ".fallback[0].on[0]: '43101' is not one of window, refused, rejected"),
        (TEMPLATE | {"on": []}, ".fallback[0].on: expected array of length >= 1"),
    ],
)
def test_a_channel_that_would_be_refused_alone_is_refused_here_with_its_place(step, words):
    with pytest.raises(RejectedPushError) as rejection:
        read(step)
    assert words in str(rejection.value)


def test_the_channels_are_bounded():
    with pytest.raises(RejectedPushError, match="length <= 4"):
        read(*[TEMPLATE] * 5)
