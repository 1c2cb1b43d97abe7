import msgpack
import pytest
from msgspec.structs import replace

from queues.codec import SCHEMA_VERSION, UnknownSchemaError, pack_event, pack_push, unpack_event, unpack_push
from tests.queues.makers import event, push


def test_an_event_comes_back_as_it_went_in():
    assert unpack_event(pack_event(event(1, key="campaign42", msgid="3557254367693750277"))).key == "campaign42"
    assert unpack_event(pack_event(event(1))) == event(1)


def test_a_push_comes_back_with_what_its_queue_says():
    found = unpack_push(
        "1-01J", "city:template:violations:high", pack_push(push("oUSER1", priority="high", expire_at=2.5))
    )
    assert (found.account, found.upstream, found.priority) == ("city", "violations", "high")
    assert (found.recipient, found.expire_at, found.body) == ("oUSER1", 2.5, push().body)


def test_what_few_pushes_say_takes_no_room_in_the_others():
    zoned = replace(push(), time_zone="Europe/Berlin")
    assert unpack_push("1-01J", "city:template:violations:high", pack_push(zoned)).time_zone == "Europe/Berlin"
    assert unpack_push("1-01J", "city:template:violations:high", pack_push(push())).time_zone == ""
    traced = replace(push(), trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert unpack_push("1-01J", "city:template:violations:high", pack_push(traced)).trace == traced.trace
    assert len(msgpack.unpackb(pack_push(push()))) == 8


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\xc1",
        b"garbage",
        b"\x91" * 5000,
        msgpack.packb(7),
        msgpack.packb([]),
        msgpack.packb([SCHEMA_VERSION, *range(11)]),
        msgpack.packb([SCHEMA_VERSION, *range(7)]),
        pack_event(event(1)).replace(bytes((SCHEMA_VERSION,)), bytes((SCHEMA_VERSION + 1,)), 1),
        pack_push(push()).replace(bytes((SCHEMA_VERSION,)), bytes((SCHEMA_VERSION + 1,)), 1),
        pack_push(push("oUSER1")).replace(b"oUSER1", b"oUSE\xff1"),
    ],
)
def test_what_another_schema_wrote_is_refused(packed):
    with pytest.raises(UnknownSchemaError):
        unpack_event(packed)
    with pytest.raises(UnknownSchemaError):
        unpack_push("1-01J", "city:template:violations:high", packed)


@pytest.mark.parametrize("queue", ["", "city:template:violations", "city:template:violations:high:now"])
def test_a_push_of_no_queue_of_ours_is_refused(queue):
    with pytest.raises(UnknownSchemaError):
        unpack_push("1-01J", queue, pack_push(push()))
