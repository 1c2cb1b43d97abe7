"""docs/operating.md has every command, and every option of those that it explains."""

import re

import pytest
import typer.main

from runtime.cli import app
from tests.docs.pages import PAGES, ROOT, rows, section

PAGE = (ROOT / "docs" / "operating.md").read_text()
COMMANDS = typer.main.get_command(app).commands


def test_every_command_is_in_the_table_and_no_other():
    listed = {
        name for cells in rows(section(PAGE, "# Operating Tidegate")) for name in re.findall(r"`([^`]+)`", cells[0])
    }
    groups = {name: command.commands for name, command in COMMANDS.items() if hasattr(command, "commands")}
    below = {f"{group} {name}" for group, commands in groups.items() for name in commands}
    assert listed == (COMMANDS.keys() - groups.keys()) | below


@pytest.mark.parametrize("name", ["top", "doctor"])
def test_every_option_is_in_the_table_and_no_other(name):
    explained = section(PAGE, f"## `tidegate {name}`")
    listed = set(re.findall(r"^\| `(--[a-z-]+)", explained, re.MULTILINE))
    assert listed == {option for each in COMMANDS[name].params for option in each.opts} - {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_is_there(page):
    named = set(re.findall(r"(?:`tidegate|run\.py) ([a-z]+)\b", page.read_text()))
    assert named <= COMMANDS.keys()
