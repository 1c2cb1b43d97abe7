"""What the log says of refused callbacks, in peace and in a flood."""

import trio

from gateway.callback_log import INTERVAL_SECONDS, RefusalLog


class Lines:
    """Takes the place of a logger."""

    def __init__(self) -> None:
        self.lines: list[dict[str, object]] = []

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append({"event": event, **fields})


def refusals() -> tuple[RefusalLog, list[dict[str, object]]]:
    written = Lines()
    return RefusalLog(written), written.lines  # type: ignore[arg-type]


def test_the_first_is_written_at_once_with_the_name_of_its_request():
    log, lines = refusals()
    log.record({b"x-request-id": b"lb-17"}, "traffic", "rejected_signature", "no match", 5.0)
    assert lines == [
        {
            "event": "callback refused",
            "account": "traffic",
            "result": "rejected_signature",
            "reason": "no match",
            "left_out": 0,
            "request_id": "lb-17",
        }
    ]


def test_a_flood_is_a_line_a_second_that_counts_the_others():
    log, lines = refusals()
    for step in range(2500):
        log.record({}, "traffic", "rejected_signature", "no match", step / 1000)
    assert [line["left_out"] for line in lines] == [0, 999, 999]


def test_classes_are_told_apart():
    log, lines = refusals()
    for account, result in (("traffic", "shed"), ("traffic", "rejected_parse"), ("parking", "shed")):
        log.record({}, account, result, "why", 0.0)
    assert len(lines) == 3


async def test_what_a_flood_left_out_is_written_after_its_end(autojump_clock):
    log, lines = refusals()
    began = trio.current_time()
    for _ in range(10):
        log.record({}, "traffic", "shed", "why", began)
    with trio.move_on_after(5 * INTERVAL_SECONDS):
        await log.run()
    assert [line["left_out"] for line in lines] == [0, 9]
    assert "request_id" not in lines[1]
