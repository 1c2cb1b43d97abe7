"""ARCHITECTURE.md explains the very keys that `queues/keys.py` lists."""

from queues import keys
from tests.docs.pages import ROOT, rows, section


def test_every_key_is_explained_and_no_other():
    page = (ROOT / "ARCHITECTURE.md").read_text()
    explained = [cells[0] for cells in rows(section(page, "## Store layout"))]
    assert explained
    assert sorted(explained) == sorted(cells[0] for cells in rows(keys.__doc__))
