"""What the log says of an attempt."""

import json
from collections.abc import Callable

import pytest
import structlog
from structlog.testing import capture_logs

from monitoring.logs import configure_logging
from monitoring.pseudonyms import Pseudonyms
from pushers.attempts.log import AttemptLog
from pushers.verdict import Verdict
from queues.outcome import Outcome
from tests.pushers.makers import PUSH_ID, claim
from tests.queues.makers import NOW

NAMES = Pseudonyms({"city": b"key"})
SENT = Verdict(kind="sent", errcode=0, msgid="9007199254740993")
BUSY = Verdict(kind="retry", errcode=-1, rid="6a1b-2c3d", error="errcode -1: system error")


def attempts(per_second: float = 100, sent_share: float = 1.0, clock: Callable[[], float] = lambda: 0.0) -> AttemptLog:
    return AttemptLog(NAMES, per_second=per_second, sent_share=sent_share, clock=clock)


def outcome(kind: str = "sent", **more: object) -> Outcome:
    return Outcome(claim=claim(), kind=kind, **more)


def record(log: AttemptLog, verdict: Verdict = SENT, result: Outcome | None = None) -> None:
    log.record(verdict, result or outcome(), seconds=0.05, ended=NOW + 1.25)


def test_a_line_has_all_that_is_known_and_no_recipient():
    with capture_logs() as lines:
        record(attempts(), result=outcome(msgid="9007199254740993"))
    assert lines == [
        {
            "event": "push attempt",
            "log_level": "info",
            "push_id": PUSH_ID,
            "account": "city",
            "channel": "template",
            "upstream": "violations",
            "priority": "normal",
            "person": NAMES.of("city", "oUSER0"),
            "attempt": 1,
            "verdict": "sent",
            "errcode": 0,
            "msgid": "9007199254740993",
            "becomes": "sent",
            "waited_seconds": 1.2,
            "send_seconds": 0.05,
        }
    ]


def test_what_went_wrong_is_a_warning_with_the_platforms_words():
    with capture_logs() as lines:
        record(attempts(), BUSY, outcome("retry", delay_seconds=1.5, error=BUSY.error))
    [line] = lines
    assert line["log_level"] == "warning"
    assert (line["errcode"], line["rid"], line["error"]) == (-1, "6a1b-2c3d", "errcode -1: system error")
    assert (line["becomes"], line["again_in"]) == ("retry", 1.5)


def test_a_flood_is_counted_and_good_news_does_not_hide_the_bad():
    times = iter([*[0.0] * 11, 1.0])
    log = attempts(per_second=2, clock=lambda: next(times))
    with capture_logs() as lines:
        for _ in range(10):
            record(log)
        record(log, BUSY, outcome("retry"))
        record(log)
    assert [line["verdict"] for line in lines] == ["sent", "sent", "retry", "sent"]
    assert lines[-1]["left_out"] == 8


@pytest.mark.parametrize(("share", "written"), [(0.0, False), (1.0, True)])
def test_only_good_news_is_sampled(share, written):
    with capture_logs() as lines:
        record(attempts(sent_share=share))
        record(attempts(sent_share=share), BUSY, outcome("retry"))
    assert ("sent" in [line["verdict"] for line in lines]) is written
    assert "retry" in [line["verdict"] for line in lines]


def test_the_line_survives_the_masking_and_is_json(capsys: pytest.CaptureFixture[str]):
    configure_logging("pusher")
    try:
        record(attempts())
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    line = json.loads(capsys.readouterr().err)
    assert "***" not in line.values()
    assert line["role"] == "pusher"
