from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.arrivals.trace import TraceError, parse_trace, read_trace


def parse(text):
    return list(parse_trace(text.splitlines(), "t"))


def test_a_line_is_an_offset_or_an_offset_and_a_count():
    assert parse("0\n0.25 3\n0.25\n1e1\n") == [0, 0.25, 0.25, 0.25, 0.25, 10]


def test_comments_and_empty_lines_are_left_out():
    assert parse("# offsets in seconds\n\n0.5 # the first\n  \n1") == [0.5, 1]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("soon", "'soon' is not a number of seconds"),
        ("-1", "offset -1 is not a time from the start on"),
        ("nan", "offset nan is not a time"),
        ("inf", "offset inf is not a time"),
        ("0.5", "offset 0.5 comes before the one above it (1)"),
        ("2 0", "'0' is not a count of 1 or more"),
        ("2 -3", "'-3' is not a count"),
        ("2 1.5", "'1.5' is not a count"),
        ("2 ²", "'²' is not a count"),
        ("2 3 4", "3 fields, not an offset and perhaps a count"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(line, why):
    with pytest.raises(TraceError) as refused:
        parse(f"0\n1\n{line}\n5\n")
    assert str(refused.value).startswith("t:3: ")
    assert why in str(refused.value)


def test_every_bad_line_is_named_up_to_ten():
    with pytest.raises(TraceError) as refused:
        parse("x\n" * 12)
    lines = str(refused.value).splitlines()
    assert [line.partition(": ")[0] for line in lines[:10]] == [f"t:{number}" for number in range(1, 11)]
    assert lines[10:] == ["… and 2 more"]


def test_a_trace_without_arrivals_is_refused():
    with pytest.raises(TraceError, match="t: no arrivals"):
        parse("# nothing\n")


def test_a_file_is_named_by_its_path(tmp_path):
    path = tmp_path / "spring.trace"
    path.write_bytes(b"0\n\xff\xfe\n")
    with pytest.raises(TraceError, match=r"spring\.trace:2: "):
        read_trace(path)
    with pytest.raises(FileNotFoundError):
        read_trace(tmp_path / "none")


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 5)), min_size=1))
def test_what_was_written_is_read(entries):
    entries.sort()
    text = "\n".join(f"{offset!r} {count}" for offset, count in entries)
    assert parse(text) == [offset for offset, count in entries for _ in range(count)]


@given(st.text(max_size=40))
def test_any_text_is_a_trace_or_is_refused_as_none(text):
    with suppress(TraceError):
        assert parse(text)
