"""Fact sheet §4.1: what template/send accepts."""

import json

import pytest

from loadtests.platform.refusal import RefusedError
from loadtests.platform.template import Numberer, RepeatGuard, TemplateMessage, read_message

GOOD = {
    "touser": "oTESTopenid00000000000000001",
    "template_id": "TPLxxxxxxxx",
    "url": "https://example.test/o/1",
    "miniprogram": {"appid": "wxaaaaaaaaaaaaaaaa", "pagepath": "index?foo=bar"},
    "client_msg_id": "order-1-paid",
    "data": {"thing1": {"value": "Blue mug"}, "amount2": {"value": "39.90元"}, "time3": {"value": "2024-04-26 14:30"}},
}


def body(**changes):
    return json.dumps(GOOD | changes, ensure_ascii=False).encode()


def refusal(*arguments):
    """The errcode and the detail with which a body is refused."""
    with pytest.raises(RefusedError) as refused:
        read_message(*arguments)
    return refused.value.errcode, refused.value.detail


def test_4_1_the_documented_example_is_accepted():
    message = read_message(body())
    assert isinstance(message, TemplateMessage)
    assert message.client_msg_id == "order-1-paid"


@pytest.mark.parametrize(
    ("broken", "errcode"),
    [
        (b"", 44002),
        (b'{"touser":', 47001),
        (b"[1]", 47001),
        (b'{"touser":"\xff"}', 47001),
        (body(touser=""), 40003),
        (body(touser="not-an-openid"), 40003),
        (body(touser=7), 40003),
        (body(template_id=""), 40037),
        (body(data={}), 47003),
        (body(data="text"), 47003),
    ],
)
def test_4_1_what_is_refused(broken, errcode):
    assert refusal(broken)[0] == errcode


def test_7_15_wrong_names_give_the_misleading_code():
    renamed = {"toUser" if key == "touser" else key: value for key, value in GOOD.items()}
    assert refusal(json.dumps(renamed, ensure_ascii=False).encode())[0] == 40003


def test_4_unicode_escapes_are_refused():
    escaped = json.dumps(GOOD | {"data": {"thing1": {"value": "你好"}}}).encode()
    assert refusal(escaped) == (47002, "")


def test_4_a_backslash_before_a_u_is_no_escape():
    assert isinstance(read_message(body(data={"thing1": {"value": "C:\\users"}})), TemplateMessage)


def test_4_1_only_known_templates_if_some_are_known():
    assert refusal(body(), {"TPLother"}) == (40037, "")
    assert isinstance(read_message(body(), {"TPLxxxxxxxx"}), TemplateMessage)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("thing1", "二" * 20),
        ("number2", "12345.67"),
        ("letter1", "A" * 32),
        ("symbol1", "!@#￥%"),
        ("character_string9", "AB-12/34"),
        ("time3", "15:01"),
        ("time3", "2019年10月1日 15:01"),
        ("time3", "2024-04-26 14:30:00"),
        ("time3", "2019年10月1日 15:01~2019年10月1日 16:00"),
        ("date3", "2019年10月1日"),
        ("date3", "2024-04-26~2024-04-28"),
        ("amount2", "¥1234567890.00元"),
        ("phone_number1", "+86-0766-66888866"),
        ("car_number1", "粤A8Z888挂"),
        ("name1", "欧阳娜娜"),
        ("name1", "Jean-Luc O'Brien"),
        ("phrase1", "配送中"),
        ("const1", "已完成"),
        ("first", "fields of test accounts have names of their own" * 5),
    ],
)
def test_4_1_values_that_fit(name, value):
    assert isinstance(read_message(body(data={name: {"value": value}})), TemplateMessage)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("thing1", "二" * 21),
        ("number2", "12a"),
        ("number2", "1" * 33),
        ("letter1", "A1"),
        ("symbol1", "!!!!!!"),
        ("character_string9", "订单1"),
        ("time3", "25:00"),
        ("time3", "soon"),
        ("date3", "tomorrow"),
        ("amount2", "12345678901"),
        ("phone_number1", "123456789012345678"),
        ("car_number1", "粤A8Z888挂九九"),
        ("name1", "一二三四五六七八九十一"),
        ("phrase1", "六个中文字符"),
        ("phrase1", "ok"),
    ],
)
def test_4_1_values_that_do_not_fit_are_named(name, value):
    assert refusal(body(data={name: {"value": value}})) == (47003, f"data.{name}.value invalid")


def test_4_1_an_empty_value_is_named_as_empty():
    assert refusal(body(data={"thing41": {"value": ""}})) == (47003, "data.thing41.value is empty")


@pytest.mark.parametrize("field", [{"value": 7}, "plain", {}])
def test_4_1_a_value_that_is_no_string_is_named(field):
    assert refusal(body(data={"thing1": field})) == (47003, "data.thing1.value invalid")


def test_4_1_the_key_has_no_suffix():
    assert refusal(body(data={"thing1.DATA": {"value": "x"}}))[0] == 47003


def test_7_5_msgids_increase_above_2_to_the_53():
    numberer = Numberer(1_714_104_000.0)
    first, second = numberer.next(), numberer.next()
    assert 2**53 < first < second < 2**63
    assert Numberer(1_714_104_001.0).next() > second


def test_4_1_a_client_msg_id_is_sent_once_in_ten_minutes_per_openid():
    guard = RepeatGuard(100)
    guard.remember("oA", "id", 7, 0)
    assert guard.earlier("oA", "id", 599) == 7
    assert guard.earlier("oB", "id", 599) == 0
    assert guard.earlier("oA", "id", 600) == 0


def test_the_memory_of_client_msg_ids_is_bounded():
    guard = RepeatGuard(10)
    for number in range(100):
        guard.remember("oA", str(number), number + 1, 0)
    assert [guard.earlier("oA", str(number), 1) > 0 for number in (0, 89, 90, 99)] == [False, False, True, True]
