"""What a template's field may hold, by the prefix of its name: `thing1` is a `thing`, at most 20 characters.

Source: the platform's page on template messages. It refuses a violation with 47003 and the field's name, after the push
has waited its turn and spent a send; here its author learns it at once, with the rule. Only names of a known prefix and
a number are checked: accounts for testing name their fields as they like, and new kinds come without notice. What the
page leaves open is let through: the platform has the last word.
"""

import re
from functools import lru_cache

from msgspec import Struct

_DATE = r"(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}日?|\d{4}[-/.年]\d{1,2}月?"
_CLOCK = r"(?:[01]?\d|2[0-3])[:\uff1a][0-5]\d(?:[:\uff1a][0-5]\d)?"
_TIME = rf"(?:(?:{_DATE})\s*)?{_CLOCK}"
_DAY = rf"(?:{_DATE})(?:\s*{_CLOCK})?"
_BREAKS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"  # no letter, digit or symbol: line breaks and other control characters
_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"


class FieldRule(Struct, frozen=True):
    """A rule as an expression that the whole value matches, and in words."""

    pattern: re.Pattern[str]
    words: str


def _rule(pattern: str, words: str) -> FieldRule:
    return FieldRule(re.compile(pattern, re.DOTALL), words)


RULES = {
    "thing": _rule(rf"[^{_BREAKS}]{{1,20}}", "1 to 20 letters, digits or symbols, on one line"),
    "number": _rule(
        r"[-+]?(?:\d{1,32}|(?=.{3,33}$)\d+\.\d+)", "a number of at most 32 digits, with or without decimals"
    ),
    "letter": _rule(r"[A-Za-z]{1,32}", "1 to 32 letters"),
    "symbol": _rule(r"[^\w\s]{1,5}", "1 to 5 symbols"),
    "character_string": _rule(
        rf"[^{_HAN}{_BREAKS}]{{1,32}}", "1 to 32 digits, letters or symbols, none of them Chinese"
    ),
    "time": _rule(
        rf"{_TIME}(?:\s*~\s*{_TIME})?",
        "a time of the 24-hour clock, after a date or not, as 2019年10月1日 15:01; a range has ~",
    ),
    "date": _rule(rf"{_DAY}(?:\s*~\s*{_DAY})?", "a date, with a time or not, as 2019年10月1日; a range has ~"),
    "amount": _rule(
        r"[^\w\s]?\d{1,10}(?:\.\d+)?元?", "at most one currency symbol and 10 digits, with or without decimals and 元"
    ),
    "phone_number": _rule(rf"[^A-Za-z\s{_HAN}][^A-Za-z{_HAN}{_BREAKS}]{{0,16}}", "1 to 17 digits or symbols"),
    "car_number": _rule(r".{1,8}", "1 to 8 characters"),
    "name": _rule(
        rf"(?=.*[{_HAN}])[^{_BREAKS}]{{1,10}}|[^{_HAN}{_BREAKS}]{{1,20}}",
        "1 to 10 Chinese characters, or 1 to 20 letters or symbols",
    ),
    "phrase": _rule(rf"[{_HAN}]{{1,5}}", "1 to 5 Chinese characters"),
    "const": _rule(r".{1,20}", "1 to 20 characters, one of the template's own values"),
    "enum_string": _rule(r".+", "one of the template's own values"),
}


@lru_cache(maxsize=4096)
def rule_of(name: str) -> FieldRule | None:
    """The rule of a field, or None if its name is none of the platform's own."""
    prefix = name.rstrip("0123456789")
    return None if prefix == name else RULES.get(prefix)
