"""What a store of several servers lets its user do; the servers themselves: tests/e2e/test_several_servers.py."""

from loadtests.stand.process import ROOT
from loadtests.stand.store_group import RIGHTS


def test_the_stands_user_may_do_what_the_docs_ask_for_and_nothing_else():
    assert f"\nACL SETUSER tidegate on >PASSWORD {RIGHTS}\n" in (ROOT / "docs" / "security.md").read_text()
