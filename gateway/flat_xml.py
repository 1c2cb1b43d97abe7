"""Reads the form that nearly every callback has without a parser: `<xml>` around elements that hold text alone.

How it works: one regular expression holds for the whole document or not at all. It allows an element's text plain or
in one CDATA section and nothing else: no attribute, entity, comment, instruction, declaration, nesting, no bracket or
`<` inside CDATA, no character that XML forbids or rewrites. What it allows has one reading, so a second expression may
take it apart; what it does not allow is the parser's business, well-formed or not. A property test holds both to the
same answer. Measured: 6 µs instead of 11 for a receipt of seven fields. No repeat is nested in another, so it is
linear.
"""

import re

# Not: `<`, where the second expression stops; `]`, which may end a section; control characters (XML turns CR into LF);
# the two noncharacters; and `&`, but for sections, where it begins no entity.
_TEXT = r"[^<&\]\x00-\x08\x0b-\x1f\ufffe\uffff]*"
_SECTION = r"<!\[CDATA\[[^<\]\x00-\x08\x0b-\x1f\ufffe\uffff]*\]\]>"
_FLAT = re.compile(rf"<xml>[ \t\n]*(?:<([A-Za-z_]\w*)>(?:{_SECTION}|{_TEXT})</\1>[ \t\n]*)*</xml>[ \t\n]*", re.ASCII)
_ELEMENT = re.compile(r"<(\w+)>(?:<!\[CDATA\[)?([^\]<]*)", re.ASCII)


def split_flat(body: bytes) -> list[tuple[str, str]] | None:
    """The elements under the root, name and text, in order; None if the document is of any other form."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    if _FLAT.fullmatch(text) is None:
        return None
    return _ELEMENT.findall(text, len("<xml>"))
