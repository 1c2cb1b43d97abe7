"""docs/events.md has the fields of an event as they are stored, and a program that reads them."""

import re

import pytest
import redis

from queues.codec import pack_event
from queues.event import CallbackEvent
from queues.store import Store
from tests.docs.pages import ROOT, rows

PAGE = (ROOT / "docs" / "events.md").read_text()
FIELDS = [cells[0].strip("`") for cells in rows(PAGE.split("An entry has one field")[1])]
[PROGRAM] = re.findall(r"```python\n(.*?)\nfor event in ", PAGE, re.DOTALL)
[ACL] = re.findall(r"ACL SETUSER my-system (.*)", PAGE)


def event(number: int) -> CallbackEvent:
    return CallbackEvent(
        account="city",
        recipient=f"oUSER{number}",
        type="event",
        name="click",
        created=1_700_000_000,
        key="menu",
        msgid="",
        status="",
        identity=bytes([number] * 16),
        body=b"<xml></xml>",
        received=1_700_000_000.5,
    )


@pytest.fixture
def reader(store: Store, store_url: str):
    """The program's `events`, and a client that may do no more than the page allows."""
    client = redis.Redis.from_url(store_url)
    for number, keys in enumerate(store.keys):
        client.xadd(keys.events, {"e": pack_event(event(number))})
    client.execute_command("ACL", "SETUSER", "my-system", *ACL.split())
    names: dict = {}
    exec(PROGRAM, names)
    allowed = redis.Redis.from_url(store_url, username="my-system", password="PASSWORD")
    yield lambda: names["events"](allowed, "my-system", "worker-1")
    client.execute_command("ACL", "DELUSER", "my-system")
    allowed.close()
    client.close()


def test_the_table_has_the_fields_in_their_order():
    assert ["version", *CallbackEvent.__struct_fields__] == FIELDS


async def test_the_program_gives_every_event_and_what_it_did_not_acknowledge_again(reader):
    first = reader()
    given = [next(first) for _ in range(4)]
    assert [each["recipient"] for each in given] == ["oUSER0", "oUSER1", "oUSER2", "oUSER3"]
    assert {(each["account"], each["name"], each["key"]) for each in given} == {("city", "click", "menu")}
    again = reader()
    assert next(again) == given[3], "the last one was not acknowledged"
