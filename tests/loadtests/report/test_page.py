"""The page stands alone, says whether the audit passed, and shows what it was given."""

import re

import msgspec
import pytest

from loadtests.audit.report import LimitAudit
from loadtests.report.page import figures, headline, page
from loadtests.report.tables import Table


@pytest.fixture(scope="module")
def html(recording, origin):
    """The page of a run that went well."""
    return page(recording, origin, [Table("bench", ("<name>",), (("a & b",),))])


@pytest.fixture(scope="module")
def failed(recording):
    """A run that lost a callback, though nothing was shed."""
    lost = msgspec.structs.replace(recording.audit.callbacks, lost_count=1)
    audit = msgspec.structs.replace(recording.audit, callbacks=lost)
    return msgspec.structs.replace(recording, spike=recording.spike[:2], audit=audit)


@pytest.fixture(scope="module")
def failed_html(failed, origin):
    """Its page, made of a commit with changes."""
    return page(failed, msgspec.structs.replace(origin, commit=msgspec.structs.replace(origin.commit, changed=True)))


def test_the_page_loads_nothing_from_anywhere(html):
    assert not re.findall(r"<(?:script|link|img|iframe|object)\b|@import|url\((?!#)", html)
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', html))


def test_it_says_where_it_comes_from(html):
    for word in ("2024-04-26 06:30 UTC", "abc1234", "make report", "A CPU, 2 cores", "Valkey 9.0.0"):
        assert word in html


def test_a_commit_with_changes_is_not_passed_off_as_the_commit(html, failed_html):
    assert "abc1234 with changes" in failed_html
    assert "with changes" not in html


def test_the_verdict_is_the_audits(html, failed, failed_html):
    assert "audit passed" in html
    assert "audit FAILED" in failed_html
    assert "1 lost" in headline(failed)


def test_no_openid_gets_into_the_page(html):
    assert "oSpike" not in html
    assert "oPush" not in html


def test_what_is_included_is_shown_and_escaped(html):
    assert "&lt;name&gt;" in html
    assert "a &amp; b" in html


def test_shed_is_drawn_only_if_something_was(html, failed, failed_html):
    assert "Shed: callbacks" in html
    assert "Shed: callbacks" not in failed_html
    assert dict(figures(failed))["shed"] == "0 callbacks"


def test_the_figures_are_those_of_the_whole_run(recording):
    limit = LimitAudit(
        app_id="wx1", sends=4, window_seconds=1, window_limit=2_000, allowance=200, peak=1_948, peak_at=1,
        windows_over=0, day_limit=0, busiest_day="2024-04-26", busiest_day_sends=4, days_over=0,
    )  # fmt: skip
    limited = msgspec.structs.replace(recording, audit=msgspec.structs.replace(recording.audit, limits=(limit,)))
    shown = dict(figures(limited))
    assert shown["callback latency"] == "median 30 ms, 99 % 50 ms, slowest 50 ms; the platform waits 5,000 ms"
    assert shown["most sends in any second"] == "1,948 of 2,000 allowed"
    assert shown["most pushes waiting"] == "3"
    assert shown["pushes accepted"].startswith("3 in 2.7 s")
