"""Fact sheet §1.2, §1.6–1.8 and §7.22: the forms of callbacks."""

import json

from hypothesis import given
from hypothesis import strategies as st

from loadtests.platform import callbacks, events
from loadtests.platform.markup import elements, json_of, tree_of


def as_json(callback):
    return json.loads(json_of(callback.xml))


def test_7_22_numbers_are_strings():
    said = as_json(callbacks.text("gh_1", "oA", 1_714_112_445, 23588765432109876, "你好"))
    assert (said["CreateTime"], said["MsgId"], said["Content"]) == ("1714112445", "23588765432109876", "你好")


def test_7_22_a_single_item_is_an_object_and_several_are_a_list():
    one = as_json(events.subscribe_prompted("gh_1", "oA", 1, [("T1", "accept")], scene=2))
    two = as_json(events.subscribe_prompted("gh_1", "oA", 1, [("T1", "accept"), ("T2", "reject")], scene=2))
    assert one["List"] == {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "2"}
    assert [item["TemplateId"] for item in two["List"]] == ["T1", "T2"]
    assert "SubscribeMsgPopupEvent" not in one  # §1.7: directly under `List`


def test_1_7_nested_fields_keep_their_order():
    scan = events.event(
        "gh_1",
        "oA",
        1,
        "scancode_push",
        {"EventKey": "k", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "a]]>b"}},
    )
    assert scan.key == "k"
    assert as_json(scan)["ScanCodeInfo"] == {"ScanType": "qrcode", "ScanResult": "a]]>b"}


def test_1_6_messages_of_every_type():
    image = events.message("gh_1", "oA", 1, "image", 7, fields={"PicUrl": "http://x/", "MediaId": "m"})
    assert image.xml.decode().endswith(
        "<PicUrl><![CDATA[http://x/]]></PicUrl><MediaId><![CDATA[m]]></MediaId><MsgId>7</MsgId></xml>"
    )


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=50))
def test_any_text_comes_back_as_it_was(text):
    assert tree_of(f"<xml>{elements({'Content': text})}</xml>".encode()) == {"Content": text}
