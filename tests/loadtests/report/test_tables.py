"""Any file of JSON lines can be shown."""

import pytest

from loadtests.report.tables import NoResultsError, Table, read_tables, tabulate


def test_rows_of_the_same_fields_are_one_table():
    [table] = tabulate("bench", [{"name": "S1", "cpu": 12.5}, {"name": "S2", "cpu": 1234.0}])
    assert table == Table("bench", ("name", "cpu"), (("S1", "12.5"), ("S2", "1,234")))


def test_other_fields_begin_another_table():
    first, second = tabulate("mixed", [{"a": 1}, {"b": 2}])
    assert (first.columns, second.columns) == (("a",), ("b",))


def test_nested_fields_are_named_by_their_way():
    [table] = tabulate("r1", [{"killed": {"gateway": 3, "pusher": 4}}])
    assert table.columns == ("killed.gateway", "killed.pusher")


def test_values_read_as_a_person_writes_them():
    [table] = tabulate("t", [{"a": True, "b": None, "c": [1, 2], "d": 20_000, "e": 0.0004, "f": "text"}])
    assert table.rows == (("yes", "–", "1, 2", "20,000", "0", "text"),)


def test_a_programs_other_words_are_left_out(tmp_path):
    path = tmp_path / "s1.jsonl"
    path.write_text('starting\n{"cpu": 5}\n[1]\n\n')
    assert read_tables(path) == [Table("s1", ("cpu",), (("5",),))]


@pytest.mark.parametrize("content", ["", "words\n", None])
def test_a_file_without_results_is_refused(tmp_path, content):
    path = tmp_path / "none.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NoResultsError, match=r"none\.jsonl"):
        read_tables(path)
