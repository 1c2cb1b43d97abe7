"""docs/http.md has every route that is served with what it may answer, and every field of a push."""

import re
from typing import get_args

import pytest

from gateway import endpoints
from gateway.operation import Operation
from gateway.pushes.item import PushItem
from gateway.pushes.status import PushView
from queues.push import State
from tests.docs.pages import ROOT, rows, section

PAGE = (ROOT / "docs" / "http.md").read_text()
ROUTES = {cells[0].strip("`"): cells[2] for cells in rows(PAGE.split("\n## ")[0])}
OPERATIONS = [each for each in vars(endpoints).values() if isinstance(each, Operation)]
SAID_OF_ALL = {401, 503}


def test_every_route_is_in_the_table_and_no_other():
    assert {f"{each.method} {each.path}" for each in OPERATIONS} == ROUTES.keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_answer_of_a_route_is_in_its_row(operation):
    said = {int(status) for status in re.findall(r"\b[2-5]\d\d\b", ROUTES[f"{operation.method} {operation.path}"])}
    assert {*operation.answers, *operation.problems} - SAID_OF_ALL <= said


def test_every_field_of_a_push_is_in_the_table():
    table = PAGE.split("\nA push:\n")[1].split("\n\nEach item")[0]
    named = {name.strip(" `") for cells in rows(table) for name in cells[0].split(",")}
    assert named == set(PushItem.__struct_fields__)


@pytest.mark.parametrize(
    ("head", "names"), [("field", PushView.__struct_fields__), ("state", get_args(State))], ids=["fields", "states"]
)
def test_all_that_is_shown_of_a_push_is_in_the_tables(head, names):
    table = f"| {head} | meaning |" + section(PAGE, "### What became of a push").split(f"| {head} | meaning |")[1]
    assert {name.strip(" `") for cells in rows(table) for name in cells[0].split(",")} == set(names)


def test_no_section_stands_twice():
    headings = re.findall(r"^#+ .*", PAGE, re.MULTILINE)
    assert len(headings) == len(set(headings))
