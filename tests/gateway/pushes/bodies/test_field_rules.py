"""Each rule as the platform's page has it, with values on both sides of it."""

import pytest

from gateway.pushes.bodies.field_rules import RULES, rule_of

ACCEPTED = {
    "thing1": ["x", "蓝" * 20, "a 1 !"],
    "number2": ["0", "-12.5", "9" * 32, "1.25"],
    "letter3": ["abcXYZ", "a" * 32],
    "symbol4": ["!", "+-*/#"],
    "character_string5": ["A-1 #42", "x" * 32],
    "time6": ["15:01", "2019年10月1日 15:01", "2019-10-01 15:01:30", "2019年10月1日 15:01~2019年10月2日 9:00"],
    "date7": ["2019年10月1日", "2019-10-01", "10月1日", "2019年10月1日 15:01", "2019年10月1日~2019年10月7日"],
    "amount8": ["39.90元", "¥1234567890", "$5", "0.01", "100"],
    "phone_number9": ["13800000000", "+86-0766-66888866", "010-12345"],
    "car_number10": ["粤A8Z888挂", "京A12345"],
    "name11": ["张三", "欧阳" * 5, "Ada Lovelace", "x" * 20],
    "phrase12": ["已处理", "五个汉字吧"],
    "const13": ["yes", "x" * 20],
    "enum_string14": ["x" * 30],
}
REFUSED = {
    "thing1": ["", "蓝" * 21, "two\nlines", "tab\there", "two\u2028lines"],
    "number2": ["", "9" * 33, "1.", "one", "1,000"],
    "letter3": ["", "a1", "字", "a" * 33],
    "symbol4": ["", "a", "!!!!!!"],
    "character_string5": ["", "车A", "x" * 33, "A\n1"],
    "time6": ["", "24:00", "15:60", "3 pm", "2019年10月1日"],
    "date7": ["", "soon", "15:01"],
    "amount8": ["", "12345678901", "¥¥5", "5 euros", "元"],
    "phone_number9": ["", "1" * 18, "call me", "010\n12345"],
    "car_number10": ["", "x" * 9],
    "name11": ["", "赵" * 11, "x" * 21, "Ada\nLovelace", "张\n三"],
    "phrase12": ["", "六个汉字太多", "ok"],
    "const13": ["", "x" * 21],
    "enum_string14": [""],
}


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


def test_every_rule_has_its_cases():
    assert {name.rstrip("0123456789") for name in ACCEPTED} == RULES.keys() == {n.rstrip("0123456789") for n in REFUSED}


@pytest.mark.parametrize(("name", "value"), cases(ACCEPTED))
def test_a_value_within_the_rule_passes(name, value):
    assert rule_of(name).pattern.fullmatch(value)


@pytest.mark.parametrize(("name", "value"), cases(REFUSED))
def test_a_value_outside_breaks_it(name, value):
    assert not rule_of(name).pattern.fullmatch(value)


@pytest.mark.parametrize("name", ["first", "keyword1", "name", "thing", "Thing1", "thing1x", "新1"])
def test_a_name_that_is_none_of_the_platforms_has_no_rule(name):
    assert rule_of(name) is None


@pytest.mark.parametrize("name", ["number1", "time1", "date1", "amount1", "phone_number1", "name1"])
def test_a_hostile_value_is_refused_without_backtracking(name):
    assert not rule_of(name).pattern.fullmatch("1" * 15_000 + "x")
