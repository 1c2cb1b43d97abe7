"""What the log says of refusals, in peace and in a flood."""

import trio
from structlog.testing import capture_logs

from gateway.http.refusal_log import INTERVAL_SECONDS, RefusalLog

FORGED = ("traffic", "rejected_signature")


def callbacks() -> RefusalLog:
    return RefusalLog("callback refused", "account", "result")


def test_the_first_is_written_at_once_with_the_name_of_its_request():
    with capture_logs() as lines:
        callbacks().record(FORGED, "no match", 5.0, {b"x-request-id": b"lb-17"})
    assert lines == [
        {
            "event": "callback refused",
            "log_level": "warning",
            "account": "traffic",
            "result": "rejected_signature",
            "reason": "no match",
            "left_out": 0,
            "request_id": "lb-17",
        }
    ]


def test_a_flood_is_a_line_a_second_that_counts_the_others():
    log = callbacks()
    with capture_logs() as lines:
        for step in range(2500):
            log.record(FORGED, "no match", step / 1000)
    assert [line["left_out"] for line in lines] == [0, 999, 999]


def test_classes_are_told_apart():
    log = callbacks()
    with capture_logs() as lines:
        for labels in (("traffic", "shed"), ("traffic", "rejected_parse"), ("parking", "shed")):
            log.record(labels, "why", 0.0)
    assert len(lines) == 3


async def test_what_a_flood_left_out_is_written_after_its_end(autojump_clock):
    log = callbacks()
    with capture_logs() as lines:
        for _ in range(10):
            log.record(FORGED, "why", trio.current_time(), {})
        with trio.move_on_after(5 * INTERVAL_SECONDS):
            await log.run()
    assert [line["left_out"] for line in lines] == [0, 9]
    assert "request_id" not in lines[1]
