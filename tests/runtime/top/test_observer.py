"""What a snapshot holds."""

import pytest

from runtime.top.observer import observe
from runtime.top.snapshot import Trouble
from tests.runtime.top.samples import AFTER, BEFORE, interval


def view(name, **changes):
    [found] = [account for account in observe(interval(**changes)).accounts if account.name == name]
    return found


def test_the_flow_is_that_of_all_accounts():
    flow = observe(interval()).flow
    assert flow.callbacks == pytest.approx(109)
    assert (flow.duplicates, flow.refused, flow.shed) == pytest.approx((5, 2, 2))
    assert (flow.sends, flow.retried, flow.delivered) == pytest.approx((42, 2, 40))
    assert flow.callback_p99 == pytest.approx(0.015)


def test_an_account_is_empty_after_what_waits_at_the_rate_of_now():
    traffic = view("traffic")
    assert (traffic.waiting, traffic.oldest) == (420, 90)
    assert traffic.drain == pytest.approx(10)


def test_an_account_that_sends_nothing_has_no_end_in_sight_and_stands_first():
    names = [account.name for account in observe(interval()).accounts]
    assert names == ["parking", "traffic"]
    assert view("parking").drain is None


def test_the_exporters_estimate_goes_before_our_own():
    told = AFTER + 'tidegate_queue_drain_seconds{account="traffic",queue="bulk"} 3600\n'
    assert view("traffic", after=told).drain == 3600
    never = told.replace("3600", "+Inf")
    assert view("traffic", after=never).drain is None


def test_a_stopped_account_says_so():
    told = AFTER + 'tidegate_account_stopped{account="parking"} 1\n'
    assert view("parking", after=told).troubles[0] == Trouble("stopped", grave=True)


def test_unknown_accounts_are_no_account():
    assert "other" not in [account.name for account in observe(interval()).accounts]


def test_troubles_say_what_is_wrong_with_an_account():
    assert view("traffic").troubles == (Trouble("errcode -1: 2.0/s"),)
    assert view("parking").troubles == (Trouble("template held back", grave=True),)
    nearly = AFTER.replace('{account="traffic",api="template"} 580', '{account="traffic",api="template"} 950')
    assert view("traffic", after=nearly).troubles[0] == Trouble("template quota 95%")
    failing = AFTER.replace('breaker_open{account="traffic"} 0', 'breaker_open{account="traffic"} 1')
    assert view("traffic", after=failing).troubles[0] == Trouble("platform fails", grave=True)


def test_a_quota_is_used_up_at_the_rate_of_now():
    parking, traffic = observe(interval()).quotas
    assert (traffic.spent, traffic.limit, traffic.parked) == (580, 1000, False)
    assert traffic.left_seconds == pytest.approx(10)
    assert (parking.parked, parking.left_seconds) == (True, None)


def test_what_waits_elsewhere_is_shown_for_all_accounts_together():
    claims, dead, events, later = observe(interval()).queues
    assert (claims.depth, dead.depth, later.depth) == (0, 0, 0)
    assert (events.name, events.depth, events.oldest) == ("events", 3, 2.5)


def test_what_is_not_exported_is_unknown_and_not_nothing():
    bare = "tidegate_callbacks_total 1\n"
    snapshot = observe(interval(before=bare, after=bare))
    assert (snapshot.store.memory_bytes, snapshot.connections, snapshot.version) == (None, None, "")
    assert snapshot.accounts == ()


def test_the_version_is_shown():
    assert observe(interval(BEFORE, AFTER)).version == "1.2.3"


def test_cpu_time_is_taken_over_a_longer_time_since_it_is_measured_seldom():
    short, longer = interval(), interval()
    short.seconds = 2.0
    assert [role.cores for role in observe(short).roles] == [None, None, None]
    assert observe(short, longer).roles[0].cores == pytest.approx(0.5)
