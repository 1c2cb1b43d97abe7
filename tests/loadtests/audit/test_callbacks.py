"""The audit cannot be fooled about callbacks."""

from collections import Counter

from loadtests.audit.callbacks import audit_callbacks, from_platform, from_spike
from loadtests.audit.identity import Identity
from loadtests.ledgers import SpikeRow
from loadtests.platform.ledger import CallbackRow


def row(number, *, acked=True, answers=("200",)):
    return SpikeRow(
        openid=f"o{number}",
        type="event",
        name="SCAN",
        created=1,
        key="42",
        msgid="",
        acked=acked,
        answers=answers,
        latency=0,
    )


def stored(number):
    return Identity(f"o{number}", "event", "scan", 1, "42", "")


def judge(rows, numbers):
    return audit_callbacks(from_spike(rows), Counter(stored(number) for number in numbers))


def test_all_acknowledged_and_all_stored_once():
    audit = judge([row(1), row(2)], [1, 2])
    assert (audit.acked, audit.stored, audit.lost_count, audit.twice_count, audit.foreign) == (2, 2, 0, 0, 0)
    assert audit.unacked_stored == 0


def test_an_acknowledged_callback_that_is_not_stored_is_lost():
    audit = judge([row(1), row(2)], [1])
    assert audit.lost == (stored(2),)
    assert audit.lost_count == 1


def test_one_lost_and_one_foreign_do_not_cancel_out():
    audit = judge([row(1), row(2)], [1, 3])
    assert audit.lost == (stored(2),)
    assert audit.foreign == 1


def test_what_another_sender_is_known_to_have_sent_is_not_foreign():
    streams = Counter([stored(1), stored(2), stored(3)])
    assert audit_callbacks(from_spike([row(1)]), streams, others=1).foreign == 1


def test_one_lost_and_one_twice_do_not_cancel_out():
    audit = judge([row(1), row(2)], [1, 1])
    assert audit.lost == (stored(2),)
    assert audit.appended_twice == (stored(1),)


def test_a_callback_that_was_never_acknowledged_may_be_stored_or_not():
    audit = judge([row(1, acked=False), row(2, acked=False)], [1])
    assert (audit.lost_count, audit.unacked_stored) == (0, 1)


def test_an_unacknowledged_callback_stored_twice_is_a_duplicate_all_the_same():
    assert judge([row(1, acked=False)], [1, 1]).twice_count == 1


def test_deliveries_after_the_first_are_counted():
    assert judge([row(1, answers=("503", "200", "200"))], [1]).repeats_sent == 2


def test_every_identity_field_tells_two_apart():
    base = row(1)
    for field in ("openid", "key", "msgid", "name", "type"):
        other = SpikeRow(**({name: getattr(base, name) for name in base.__struct_fields__} | {field: "other"}))
        assert judge([other], [1]).lost_count == 1, field


def test_the_platforms_own_callbacks_count_as_acknowledged_only_if_they_were():
    fields = {"at": 1.0, "openid": "o1", "type": "event", "name": "TEMPLATESENDJOBFINISH", "created": 1, "key": ""}
    rows = [
        CallbackRow(**fields, msgid=str(number), status="success", answers=("200",), final=final)
        for number, final in enumerate(["acked", "dropped", "muted"])
    ]
    audit = audit_callbacks(from_platform(rows), Counter())
    assert (audit.sent, audit.acked, audit.lost_count) == (3, 1, 1)
