"""Whether pushes may come in, by what waits already."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission import Admission
from gateway.pushes.admission import STALE_SECONDS, PushAdmission
from gateway.settings import ServerSettings
from queues.account import Account, ApiLimit
from queues.readings.backlog import Backlog

CITY = Account(name="city", app_id="wx1", limits={"template": ApiLimit(per_second=100, per_day=100_000)})
OPEN = Account(name="open", app_id="wx2")


def admission(queued: dict[str, int] | None = None, memory_share: float = 0.0, **settings: float) -> PushAdmission:
    made = PushAdmission(ServerSettings(**settings), [CITY, OPEN], Admission(256, b""))
    made.observe(Backlog(queued or {}, memory_share), 0.0)
    return made


def test_with_nothing_known_everything_may_come():
    fresh = PushAdmission(ServerSettings(), [CITY], Admission(256, b""))
    assert fresh.refuses_any(["city"], 0.0) is None
    assert fresh.refuses({("city", "template"): 10_000}, 0.0) is None


def test_in_overload_pushes_are_refused_while_callbacks_wait():
    overload = Admission(256, b"")
    subject = PushAdmission(ServerSettings(), [CITY], overload)
    for batch in range(10):
        overload.observe(1.0, batch * 0.05, 256, 256 * 3)
    refused = subject.refuses_any(["city"], 0.5)
    assert (refused.reason, refused.retry_after) == ("callbacks wait, and go first", 1)


class TestDepth:
    def test_counts_all_apis_of_an_account_and_no_other_account(self):
        over = admission({"city:template": 60, "city:custom": 40, "open:template": 3}, max_queued=100)
        assert over.refuses({("city", "template"): 1}, 0.0).reason == "100 pushes of account 'city' wait, and 100 may"
        assert over.refuses({("open", "template"): 97}, 0.0) is None

    def test_counts_what_waits_for_its_time_or_an_upstream_could_fill_the_store_with_it(self):
        subject = admission(max_queued=100)
        subject.observe(Backlog({}, 0, {"city": 100}), 0.0)
        assert subject.refuses_any(["city"], 0.0).reason == "100 pushes of account 'city' wait, and 100 may"
        assert subject.refuses({("open", "template"): 1}, 0.0) is None
        assert subject.refuses({("city", "template"): 101}, 0.0) is None, "it would never be taken"

    def test_retry_after_is_when_the_account_has_sent_what_is_too_much(self):
        assert (
            admission({"city:template": 900}, max_queued=1000).refuses({("city", "template"): 500}, 0.0).retry_after
            == 4
        )
        assert admission({"open:template": 1}, max_queued=1).refuses({("open", "template"): 1}, 0.0).retry_after == 5

    def test_is_bounded_in_what_it_asks_of_a_patient_upstream(self):
        assert (
            admission({"city:template": 10**9}, max_queued=1).refuses({("city", "template"): 1}, 0.0).retry_after == 300
        )

    def test_a_request_beyond_the_mark_itself_is_taken_once_nothing_waits(self):
        assert admission(max_queued=10).refuses({("city", "template"): 500}, 0.0) is None

    def test_0_is_no_mark(self):
        assert admission({"open:template": 10**9}, max_queued=0).refuses({("open", "template"): 1}, 0.0) is None

    def test_before_a_request_is_read_only_an_upstream_without_any_room_is_refused(self):
        over = admission({"city:template": 100}, max_queued=100)
        assert over.refuses_any(["city"], 0.0)
        assert over.refuses_any(["city", "open"], 0.0) is None


class TestDrain:
    def test_at_the_accounts_rate(self):
        slow = admission({"city:template": 5999}, max_drain_seconds=60)
        assert slow.refuses({("city", "template"): 1}, 0.0) is None
        assert "0.0 h at its limits" in slow.refuses({("city", "template"): 100}, 0.0).reason

    @pytest.mark.parametrize(("queued", "seconds"), [(0, 0), (100, 1), (100_000, 1000), (250_000, 216_000)])
    def test_a_day_quota_counts_once_a_day_is_not_enough(self, queued, seconds):
        assert admission().drain_seconds("city", "template", queued) == seconds

    def test_an_account_without_limits_has_no_estimate(self):
        assert admission({"open:template": 10**6}, max_drain_seconds=1).refuses({("open", "template"): 1}, 0.0) is None


class TestMemory:
    def test_over_its_share_nothing_comes_in(self):
        assert "80% full" in admission(memory_share=0.81).refuses_any(["open"], 0.0).reason
        assert admission(memory_share=0.8).refuses_any(["open"], 0.0) is None


def test_a_reading_that_is_too_old_says_nothing():
    over = admission({"city:template": 100}, memory_share=0.99, max_queued=100)
    assert over.refuses({("city", "template"): 1}, STALE_SECONDS)
    assert over.refuses({("city", "template"): 1}, STALE_SECONDS + 0.1) is None
    assert over.refuses_any(["city"], STALE_SECONDS + 0.1) is None


REQUESTS = st.lists(
    st.dictionaries(
        st.tuples(st.sampled_from(["city", "open"]), st.sampled_from(["template", "custom"])), st.integers(1, 50)
    )
)


@given(REQUESTS, st.integers(1, 200))
def test_between_two_readings_one_gateway_never_goes_beyond_the_mark(requests, mark):
    """But for one request that finds nothing waiting."""
    gate = admission(max_queued=mark, max_drain_seconds=0)
    taken: Counter[str] = Counter()
    for pushes in requests:
        before = Counter(taken)
        if gate.refuses(pushes, 0.0) is None:
            gate.added(pushes)
            for (account, _), count in pushes.items():
                taken[account] += count
            assert all(taken[account] <= mark or not before[account] for account, _ in pushes)


@given(REQUESTS, st.integers(1, 200))
def test_what_is_refused_is_refused_before_less_room_is_left(requests, mark):
    """More that waits never admits what less has refused."""
    gate = admission(max_queued=mark)
    refused = False
    for pushes in requests:
        gate.added(pushes)
        now_refused = gate.refuses({("city", "template"): 1}, 0.0) is not None
        assert now_refused or not refused
        refused = now_refused
