"""What a template field may hold, decided by the prefix of its name (§4.1)."""

import re
from functools import lru_cache

_DATE = r"(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年\d{1,2}月"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_TIME = rf"(?:(?:{_DATE})\s*)?{_CLOCK}"
_DAY = rf"(?:{_DATE})(?:\s*{_CLOCK})?"

_PATTERNS = {
    "thing": r"[^\x00-\x1f\x7f\u2028\u2029]{1,20}",  # letters, digits, symbols: no line break is one
    "number": r"-?(?=[\d.]{1,32}$)\d+(?:\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "character_string": r"[\x20-\x7e]{1,32}",
    "time": rf"{_TIME}(?:\s*~\s*{_TIME})?",
    "date": rf"{_DAY}(?:\s*~\s*{_DAY})?",
    "amount": r"[¥￥$€£]?\d{1,10}(?:\.\d+)?元?",
    "phone_number": r"[\d+\-() *#]{1,17}",
    "car_number": r".{1,8}",
    "name": r"[\u4e00-\u9fff·]{1,10}|[A-Za-z\s\W]{1,20}",
    "phrase": r"[\u4e00-\u9fff]{1,5}",
    "const": r".{1,20}",
    "enum_string": r".{1,20}",
}
_RULES = {prefix: re.compile(pattern) for prefix, pattern in _PATTERNS.items()}


@lru_cache(maxsize=4096)
def _rule(name: str) -> re.Pattern[str] | None:
    return _RULES.get(name.rstrip("0123456789"))


def fault_in(name: str, value: str) -> str:
    """What is wrong with a field, in the platform's words (`data.thing1.value invalid`), or an empty string.

    Names without a known prefix pass: accounts for testing define their own.
    """
    if name.endswith(".DATA"):
        return f"data.{name} invalid"
    if not value:
        return f"data.{name}.value is empty"
    rule = _rule(name)
    if rule is None or rule.fullmatch(value):
        return ""
    return f"data.{name}.value invalid"
