"""The items of one request after another."""

import json

import trio

from gateway.pushes.batch_reader import BatchReader
from gateway.pushes.format import FORMATS, Item
from gateway.pushes.reader import PushReader
from gateway.settings import Upstream
from gateway.upstream_key import UpstreamKey
from queues.account import Account
from queues.push import NewPush
from queues.pushes.request_keys import BoundRequest
from tests.gateway.fakes import empty_gallery
from tests.gateway.samples import OPENID

NOW = 1_777_593_600.0  # 2026-05-01T00:00:00Z
LINES = FORMATS[b"application/x-ndjson"]
LARGE = "x" * 8_000  # so that others have their turn between a few of them


def batch_reader() -> BatchReader:
    reader = PushReader(Upstream(name="fines", key=UpstreamKey("k")), [Account(name="traffic", app_id="wx1")])
    return BatchReader(reader, take_picture=empty_gallery().take, clock=lambda: NOW)


def items(count: int, template: str = "T") -> list[Item]:
    item = {"account": "traffic", "to": OPENID, "template_id": template, "data": {"any": LARGE}}
    return list(LINES.split(b"\n".join([json.dumps(item).encode()] * count)))


async def test_a_request_is_read_to_its_end_before_the_next_one_is_begun(monkeypatch):
    reader, order = batch_reader(), []
    read = PushReader.read

    def noted(self, raw, now, form, number=0):
        push = read(self, raw, now, form, number)
        assert isinstance(push, NewPush)
        order.append(b"FIRST" in push.body)
        return push

    monkeypatch.setattr(PushReader, "read", noted)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader.read, items(40, "FIRST"), LINES, None)
        await trio.lowlevel.checkpoint()
        nursery.start_soon(reader.read, items(40, "SECOND"), LINES, None)
    assert order == [True] * 40 + [False] * 40


async def test_a_repeat_is_read_as_of_when_its_request_came_first():
    bound = BoundRequest(NOW - 60, b"", 7)
    first, second = await batch_reader().read(items(2), LINES, bound)
    assert isinstance(first, NewPush)
    assert isinstance(second, NewPush)
    assert first.accepted_at == NOW - 60
    assert (first.id_number, second.id_number) == (bound.id_number(0), bound.id_number(1))
