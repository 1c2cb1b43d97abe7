"""The line of a push request."""

from structlog.testing import capture_logs

from gateway.http.problem import problem
from gateway.pushes.log import MOST_IDS, PushLog
from queues.push import Accepted


def test_a_request_has_one_line_with_its_pushes_ids():
    with capture_logs() as lines:
        accepted = [Accepted(f"0-{number}", "queued") for number in range(MOST_IDS + 5)]
        PushLog().taken("lb-17", "violations", accepted, 2, now=0.0)
    [line] = lines
    assert line["event"] == "pushes enqueued"
    assert line["request_id"] == "lb-17"
    assert line["results"] == {"queued": MOST_IDS + 5, "rejected": 2}
    assert line["push_ids"] == [f"0-{number}" for number in range(MOST_IDS)]


def test_a_flood_of_refusals_is_counted_and_does_not_hide_what_is_taken():
    log = PushLog(per_second=2)
    with capture_logs() as lines:
        for _ in range(10):
            log.refused("r", "violations", problem(429, "Too many", "of oUSER0"), now=0.0)
        log.taken("r", "violations", [Accepted("0-1", "queued")], 0, now=0.0)
        log.refused("r", "violations", problem(429, "Too many", "of oUSER0"), now=1.0)
    assert [line["event"] for line in lines].count("push request refused") == 3
    assert (lines[-1]["left_out"], lines[-1]["status"], lines[-1]["reason"]) == (8, 429, "Too many")
    assert "oUSER0" not in repr(lines)
    assert lines[-2]["event"] == "pushes enqueued"
