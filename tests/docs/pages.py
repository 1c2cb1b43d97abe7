"""The pages of documentation, as text."""

import itertools
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next of any level."""
    after = f"\n{page}".split(f"\n{heading}\n", 1)[1]
    return after.split("\n#", 1)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of the first table in a text, without its head: the cells of each."""
    after = itertools.dropwhile(lambda line: not line.startswith("| "), text.splitlines())
    lines = list(itertools.takewhile(lambda line: line.startswith("| "), after))
    return [[cell.strip() for cell in line.replace("\\|", "¦").strip().strip("|").split("|")] for line in lines[2:]]
