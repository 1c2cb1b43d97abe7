"""Order is told where it can be told, and only there."""

from hypothesis import given
from hypothesis import strategies as st

from loadtests.audit.identity import identify
from loadtests.audit.order import Span, check_events, check_line, check_pushes
from loadtests.audit.pushes import Job
from loadtests.audit.store_reader import Place
from loadtests.ledgers import CampaignRow, SpikeRow
from loadtests.platform.ledger import SendRow

moments = st.integers(0, 12)


@st.composite
def lines(draw):
    """Spans of one person; those of a batch share their times and follow one another."""
    spans = []
    for batch in range(1, draw(st.integers(1, 6))):
        began = draw(moments)
        ended = began + draw(st.integers(1, 4))
        size = draw(st.integers(1, 3))
        spans += [Span(began=began, ended=ended, place=0, batch=batch) for _ in range(size)]
    places = draw(st.permutations(range(len(spans))))
    return [
        Span(began=span.began, ended=span.ended, place=place, batch=span.batch)
        for span, place in zip(spans, places, strict=True)
    ]


@given(lines())
def test_the_sweep_finds_what_comparing_all_pairs_finds(spans):
    compared = inverted = 0
    for later, span in enumerate(spans):
        before = [
            other.place
            for earlier, other in enumerate(spans)
            if other.ended < span.began or (other.batch == span.batch and earlier < later)
        ]
        compared += bool(before)
        inverted += any(place > span.place for place in before)
    assert check_line(spans) == (compared, inverted)


def test_what_overlapped_is_not_compared():
    spans = [Span(began=0, ended=2, place=1), Span(began=1, ended=3, place=0)]
    assert check_line(spans) == (0, 0)


def test_one_that_overlaps_both_does_not_hide_an_inversion():
    spans = [Span(began=0, ended=1, place=2), Span(began=0, ended=9, place=1), Span(began=2, ended=3, place=0)]
    assert check_line(spans) == (1, 1)


def test_a_ledger_without_times_proves_nothing():
    assert check_line([Span(began=0, ended=0, place=place) for place in (2, 1, 0)]) == (0, 0)


def called(number, began, ended, *, openid="oA", acked=True):
    return SpikeRow(
        openid=openid, type="text", name="", created=1, key="", msgid=str(number), acked=acked, answers=("200",),
        latency=0, began=began, ended=ended,
    )  # fmt: skip


def test_events_in_the_order_of_their_acknowledgements_are_kept():
    rows = [called(1, 0, 1), called(2, 2, 3)]
    order = check_events(rows, {identify(rows[0]): Place(0, 5), identify(rows[1]): Place(0, 6)})
    assert (order.kept, order.compared) == (True, 1)


def test_two_events_swapped_in_the_stream_are_found():
    rows = [called(1, 0, 1), called(2, 2, 3)]
    order = check_events(rows, {identify(rows[0]): Place(0, 6), identify(rows[1]): Place(0, 5)})
    assert (order.kept, order.compared, order.inverted) == (False, 1, 1)


def test_events_of_two_people_owe_each_other_no_order():
    rows = [called(1, 0, 1), called(2, 2, 3, openid="oB")]
    assert check_events(rows, {identify(rows[0]): Place(0, 6), identify(rows[1]): Place(0, 5)}).compared == 0


def test_one_person_in_two_streams_is_found():
    rows = [called(1, 0, 1), called(2, 2, 3)]
    order = check_events(rows, {identify(rows[0]): Place(0, 5), identify(rows[1]): Place(1, 6)})
    assert (order.kept, order.scattered) == (False, 1)


def test_what_was_not_acknowledged_or_is_not_stored_has_no_order():
    rows = [called(1, 0, 1, acked=False), called(2, 2, 3), called(3, 4, 5)]
    places = {identify(rows[0]): Place(0, 9), identify(rows[1]): Place(0, 1)}
    assert check_events(rows, places).compared == 0


def pushed(push_id, began, ended, *, batch=0, priority="normal", recipient="oA", status="queued"):
    return CampaignRow(
        key=push_id, id=push_id, status=status, recipient=recipient, priority=priority, batch=batch, began=began,
        ended=ended,
    )  # fmt: skip


def sent(*push_ids, repeat=False):
    return [
        SendRow(at=1.0, app_id="wx1", openid="oA", client_msg_id=push_id, msgid=7, repeat=repeat)
        for push_id in push_ids
    ]


def test_pushes_of_one_batch_go_out_in_its_order():
    rows = [pushed("0-1", 0, 1, batch=1), pushed("0-2", 0, 1, batch=1)]
    assert check_pushes(rows, {}, sent("0-1", "0-2")).kept
    assert check_pushes(rows, {}, sent("0-2", "0-1")).inverted == 1


def test_pushes_of_batches_under_way_at_once_owe_each_other_no_order():
    rows = [pushed("0-1", 0, 2, batch=1), pushed("0-2", 1, 3, batch=2)]
    assert check_pushes(rows, {}, sent("0-2", "0-1")).compared == 0


def test_pushes_of_two_queues_or_people_owe_each_other_no_order():
    for other in ({"priority": "high"}, {"recipient": "oB"}):
        rows = [pushed("0-1", 0, 1), pushed("0-2", 2, 3, **other)]
        assert check_pushes(rows, {}, sent("0-2", "0-1")).compared == 0


def test_a_retried_push_is_left_out_and_counted():
    rows = [pushed("0-1", 0, 1), pushed("0-2", 2, 3)]
    order = check_pushes(rows, {"0-1": Job("sent", attempts=2)}, sent("0-2", "0-1"))
    assert (order.kept, order.compared, order.retried) == (True, 0, 1)


def test_a_push_that_nobody_acknowledged_has_no_order():
    rows = [pushed("0-1", 0, 1, status="unanswered"), pushed("0-2", 2, 3)]
    assert check_pushes(rows, {}, sent("0-2", "0-1")).compared == 0


def test_the_first_acceptance_counts_not_a_repeat():
    rows = [pushed("0-1", 0, 1), pushed("0-2", 2, 3)]
    assert check_pushes(rows, {}, [*sent("0-1", "0-2"), *sent("0-1", repeat=True)]).kept


def test_a_push_told_twice_stands_once():
    rows = [pushed("0-1", 0, 1), pushed("0-1", 2, 3, status="duplicate")]
    assert check_pushes(rows, {}, sent("0-1")).compared == 0
