"""Expectations, and the figures they are held to."""

from typing import get_args

import pytest

from loadtests.audit.pushes import PlatformView
from loadtests.audit.report import AuditReport, PushAudit
from loadtests.chaos.evidence import Evidence
from loadtests.chaos.expectation import ALWAYS, Bounds, judge
from loadtests.chaos.faults.kinds import AnyFault
from loadtests.chaos.faults.restart import Restart
from loadtests.chaos.figures import figures_of, measure
from loadtests.chaos.scene import Happening
from loadtests.ledgers import CampaignLedger, SpikeLedger, SpikeRow
from loadtests.platform.ledger import RefusedRow, SendRow
from loadtests.rehearsal import Rehearsed

BEGAN = 100.0
OFFSET = 1_700_000_000.0


@pytest.mark.parametrize(
    ("expected", "measured", "met", "said"),
    [
        (0, 0, True, "0"),
        (0, 1, False, "0"),
        (Bounds(most=5), 4.9, True, "at most 5"),
        (Bounds(most=5), 5, True, "at most 5"),
        (Bounds(most=5), 5.1, False, "at most 5"),
        (Bounds(least=1), 1, True, "at least 1"),
        (Bounds(least=1), 0, False, "at least 1"),
        (Bounds(least=1, most=2), 2, True, "at least 1 and at most 2"),
        (Bounds(least=1, most=2), 0.9, False, "at least 1 and at most 2"),
        (Bounds(least=1, most=2), 2.1, False, "at least 1 and at most 2"),
        (Bounds(), 7, True, ""),
    ],
)
def test_a_figure_is_held_to_what_is_expected(expected, measured, met, said):
    judged = judge(expected, measured)
    assert (judged.met, judged.expected, judged.measured) == (met, said, measured)


def test_what_was_not_measured_is_not_met():
    assert not judge(Bounds(most=5), None).met


def ack(ended: float, *, acked: bool = True, answers: tuple[str, ...] = ("200",)) -> SpikeRow:
    return SpikeRow(
        openid="o",
        type="event",
        name="SCAN",
        created=1,
        key=str(ended),
        msgid="",
        acked=acked,
        latency=0.01,
        answers=answers,
        ended=ended,
    )


def send(at: float, push_id: str, *, repeat: bool = False) -> SendRow:
    return SendRow(at=OFFSET + at, app_id="wx", openid="o", client_msg_id=push_id, msgid=1, repeat=repeat)


def figures(*, rows=(), happenings=(), sends=(), refusals=(), pushes=None) -> dict[str, float | None]:
    rehearsed = Rehearsed(
        report=AuditReport(pushes=pushes or PushAudit()),
        spike=SpikeLedger(list(rows), 10, BEGAN),
        campaign=CampaignLedger([], 10, BEGAN),
        drained=True,
    )
    return measure(
        Evidence(
            rehearsed=rehearsed,
            happenings=happenings,
            platform=PlatformView(sends=sends, refusals=refusals),
            wall_offset=OFFSET,
            waiting=0,
            memory_peak_megabytes=50,
            store_connections=None,
            tokens=1,
            leaks={},
            log_lines=100,
        ),
        figures_of(get_args(AnyFault)),
    )


def test_what_is_always_expected_is_a_figure_of_any_run_and_faults_add_their_own():
    of_any_run = figures_of(())
    assert ALWAYS.keys() <= of_any_run.keys()
    assert figures_of((Restart(),)).keys() - of_any_run.keys() == {"drained_seconds"}


def test_serving_again_is_the_longest_wait_for_an_acknowledgement_after_an_outage():
    outages = [
        Happening(fault="kill", target="store", began=101, healed=102),
        Happening(fault="kill", target="store", began=105, healed=106),
        Happening(fault="kill", target="gateway-0", began=101, healed=0),
    ]
    found = figures(rows=[ack(1.5), ack(2.5), ack(8), ack(9, acked=False)], happenings=outages)
    assert found["serving_again_seconds"] == 2


def test_serving_again_is_not_measured_if_nothing_was_acknowledged_after_it():
    outage = Happening(fault="kill", target="store", began=101, healed=102)
    assert figures(rows=[ack(1), ack(3, acked=False)], happenings=[outage])["serving_again_seconds"] is None


def test_an_outage_after_the_last_callback_says_nothing_of_serving_again():
    outages = [Happening(fault="kill", target="store", began=healed, healed=healed) for healed in (101, 106)]
    assert figures(rows=[ack(1.5), ack(2)], happenings=outages)["serving_again_seconds"] == 0.5


def flood(offered: float, goodput: float) -> Happening:
    return Happening(
        fault="flood", began=101, healed=102, measured={"flood_offered": offered, "flood_goodput": goodput}
    )


def test_the_goodput_of_the_largest_flood_is_held_against_the_best():
    assert figures(happenings=[flood(20, 10), flood(40, 8), flood(30, 9)])["flood_goodput_share"] == 0.8
    assert figures(happenings=[flood(20, 0)])["flood_goodput_share"] is None


def test_what_was_acknowledged_while_the_store_was_frozen_is_counted():
    frozen = Happening(fault="freeze", target="store", began=101, healed=104)
    found = figures(rows=[ack(0.9), ack(1.05), ack(2), ack(4.5), ack(3, acked=False)], happenings=[frozen])
    assert found["acked_while_frozen"] == 1


def test_a_pusher_that_went_on_and_sent_what_another_had_sent_is_caught():
    frozen = Happening(fault="freeze", target="pusher-0", began=101, healed=110, claims=frozenset("ab"))
    sends = [
        send(100.5, "in flight at the stop"),
        send(104, "in flight at the stop", repeat=True),
        send(105, "taken over"),
        send(106, "lost answer"),
        send(107, "lost answer", repeat=True),
        send(110.2, "taken over", repeat=True),
    ]
    assert figures(happenings=[frozen], sends=sends)["sent_after_takeover"] == 1


def test_a_takeover_is_timed_from_the_death_to_the_next_send_that_no_living_pusher_had_in_hand():
    kill = Happening(fault="kill", target="pusher-0", began=101, claims=frozenset({"the dead one's", "a living one's"}))
    sends = [
        send(100.9, "the dead one's"),
        send(101.3, "a living one's"),
        send(104.5, "the dead one's", repeat=True),
        send(109, "taken later"),
    ]
    assert figures(happenings=[kill], sends=sends)["takeover_p99_seconds"] == 3.5
    assert figures(sends=sends)["takeover_p99_seconds"] is None


def test_what_the_platform_refused_about_a_death_was_settled_by_the_living():
    kill = Happening(fault="kill", target="pusher-0", began=101, claims=frozenset({"the dead one's", "refused"}))
    sends = [send(104.5, "the dead one's"), send(130, "refused")]
    refused = RefusedRow(at=OFFSET + 100.8, app_id="wx", answer="40001", client_msg_id="refused")
    found = figures(happenings=[kill], sends=sends, refusals=[refused])
    assert found["takeover_p99_seconds"] == 3.5


def test_a_refreshers_death_is_over_with_the_next_push_that_is_taken():
    deaths = [
        Happening(fault="kill", target="pusher, refreshing", began=101),
        Happening(fault="kill", target="pusher, refreshing", began=110, note="was gone already"),
        Happening(fault="kill", target="pusher-0", began=111),
    ]
    assert figures(happenings=deaths, sends=[send(100.9, "a"), send(103, "b")])["token_again_seconds"] == 2.0


def test_sends_twice_are_explained_by_what_was_claimed_at_the_kills():
    kills = [Happening(fault="kill", target="pusher-0", began=101, claims=frozenset("abcd"[:n])) for n in (3, 4)]
    found = figures(happenings=kills, pushes=PushAudit(repeats_dropped=8, accepted_twice_count=1))
    assert (found["sent_twice"], found["sent_twice_unexplained"]) == (9, 2)


def test_requests_that_failed_are_told_from_those_that_were_cut():
    rows = [ack(1, answers=("refused", "503", "200")), ack(2, answers=("lost", "200")), ack(3, acked=False, answers=())]
    found = figures(rows=rows)
    assert (found["failed_requests"], found["cut_requests"], found["callbacks_unacked"]) == (3, 1, 1)


def test_a_fault_that_found_nothing_is_missed_not_committed():
    found = figures(happenings=[Happening(fault="kill", began=1), Happening(fault="kill", began=1, note="was gone")])
    assert (found["committed"], found["missed"]) == (1, 1)
