"""The page stands alone, says whether the audit passed, and shows what it was given."""

import re

import msgspec

from loadtests.audit.report import LimitAudit
from loadtests.report.page import figures, headline, page
from loadtests.report.tables import Table


def test_the_page_loads_nothing_from_anywhere(recording, origin):
    html = page(recording, origin)
    assert not re.findall(r"<(?:script|link|img|iframe|object)\b|@import|url\((?!#)", html)
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', html))


def test_it_says_where_it_comes_from(recording, origin):
    html = page(recording, origin)
    for word in ("2024-04-26 06:30 UTC", "abc1234", "make report", "A CPU, 2 cores", "Valkey 9.0.0"):
        assert word in html


def test_a_commit_with_changes_is_not_passed_off_as_the_commit(recording, origin):
    changed = msgspec.structs.replace(origin, commit=msgspec.structs.replace(origin.commit, changed=True))
    assert "abc1234 with changes" in page(recording, changed)


def test_the_verdict_is_the_audits(recording, origin):
    assert "audit passed" in page(recording, origin)
    lost = msgspec.structs.replace(recording.audit.callbacks, lost_count=1)
    failed = msgspec.structs.replace(recording, audit=msgspec.structs.replace(recording.audit, callbacks=lost))
    assert "audit FAILED" in page(failed, origin)
    assert "1 lost" in headline(failed)


def test_no_openid_gets_into_the_page(recording, origin):
    html = page(recording, origin)
    assert "oSpike" not in html
    assert "oPush" not in html


def test_what_is_included_is_shown_and_escaped(recording, origin):
    html = page(recording, origin, [Table("bench", ("<name>",), (("a & b",),))])
    assert "&lt;name&gt;" in html
    assert "a &amp; b" in html


def test_shed_is_drawn_only_if_something_was(recording, origin):
    assert "Shed: callbacks" in page(recording, origin)
    quiet = msgspec.structs.replace(recording, spike=recording.spike[:2])
    assert "Shed: callbacks" not in page(quiet, origin)
    assert dict(figures(quiet))["shed"] == "0 callbacks"


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
