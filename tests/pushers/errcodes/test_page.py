"""The page of codes says what the tables say."""

from pathlib import Path

from pushers.errcodes.page import page

PAGE = Path(__file__).parents[3] / "docs" / "errcodes.md"


def test_the_page_in_the_documents_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it anew: python -m pushers.errcodes.page > docs/errcodes.md"
    )
