"""A complaint about a value of some map names the key of that value."""

import msgspec
import pytest

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.culprit import name_key
from gateway.pushes.item import MAX_FIELDS


def named(path: str, item: object) -> str:
    return name_key(RejectedPushError(path, "is wrong"), lambda: item).path


@pytest.mark.parametrize(
    ("path", "item", "expected"),
    [
        (".data[...]", {"data": {"thing1": "x", "amount2": 5, "time3": 6}}, ".data.amount2"),
        (".data[...].value", {"data": {"thing1": {"value": "x"}, "amount2": {"value": 5}}}, ".data.amount2.value"),
        (".tags[...]", {"tags": {"case": "x" * 64, "street": "x" * 65}}, ".tags.street"),
        (".fallback[1].data[...]", {"fallback": [{}, {"data": {"thing1": 5}}]}, ".fallback[1].data.thing1"),
        (".data[...]", {"data": {"k" * 200: 5}}, f".data.{'k' * 64}…"),
    ],
)
def test_the_first_that_does_not_fit_is_named(path, item, expected):
    assert named(path, item) == expected


def test_any_other_complaint_stays_and_its_item_is_not_read_again():
    def outline() -> object:
        raise AssertionError("read")

    complaint = RejectedPushError(".fallback[0].on[0]", "is wrong")
    assert name_key(complaint, outline) is complaint


def test_an_item_that_is_broken_further_on_keeps_its_complaint():
    complaint = RejectedPushError(".data[...]", "is wrong")
    assert name_key(complaint, lambda: msgspec.json.decode(b'{"data": {"thing1": 5}, "to"')) is complaint


def test_an_item_of_very_many_keys_is_not_searched_to_its_end():
    assert named(".data[...]", {"data": {str(n): "x" for n in range(MAX_FIELDS)} | {"last": 5}}) == ".data[...]"
