"""What a trace shows of an attempt."""

from msgspec import structs

from pushers.attempts.trace import AttemptTrace
from pushers.verdict import Verdict
from queues.outcome import Outcome
from queues.push import Claim
from tests.pushers.fake_traces import FakeTraces
from tests.pushers.makers import PUSH_ID, claim
from tests.queues.makers import NOW

CARRIER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SENT = Verdict(kind="sent", errcode=0, msgid="1")
BUSY = Verdict(kind="retry", errcode=-1, rid="6a1b")


def traced(attempts: int = 0) -> Claim:
    plain = claim(attempts=attempts)
    return structs.replace(plain, push=structs.replace(plain.push, trace=CARRIER))


def recorded(of: Claim, verdict: Verdict = SENT) -> list[dict[str, object]]:
    traces = FakeTraces()
    outcome = Outcome(claim=of, kind=verdict.kind)
    AttemptTrace(traces).record(verdict, outcome, seconds=0.25, ended=NOW + 2.25)
    return traces.recorded


def test_the_first_attempt_shows_how_long_the_push_waited_and_how_long_the_send_took():
    waits, send = recorded(traced())
    assert (waits["name"], waits["carrier"], waits["began"], waits["ended"]) == ("push waits", CARRIER, NOW, NOW + 2)
    assert (send["name"], send["carrier"], send["began"], send["ended"]) == ("send push", CARRIER, NOW + 2, NOW + 2.25)
    assert (send["tidegate.push_id"], send["tidegate.attempt"], send["tidegate.errcode"]) == (PUSH_ID, 1, 0)
    assert not send["failed"]


def test_a_repeat_shows_the_send_alone():
    [send] = recorded(traced(attempts=2), BUSY)
    assert (send["tidegate.attempt"], send["tidegate.rid"], send["failed"]) == (3, "6a1b", True)


def test_no_recipient_and_no_message_get_into_a_trace():
    assert "oUSER0" not in repr(recorded(traced()))


def test_a_push_that_is_not_traced_records_nothing():
    assert recorded(claim()) == []
