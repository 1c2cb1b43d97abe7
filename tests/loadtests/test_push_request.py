import random

import msgspec
import pytest

from loadtests.push_request import UNANSWERED, ItemResult, ledger_row, may_repeat, notice, pause_before, read_results

ITEM = notice("demo", "oPush0001", 7, "run-7", random.Random(1))


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_what_may_be_taken_later_is_asked_again(status: int) -> None:
    assert may_repeat(status)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 413])
def test_what_would_be_refused_again_is_not(status: int) -> None:
    assert not may_repeat(status)


def test_pauses_double_up_to_two_seconds_and_heed_the_gateway() -> None:
    assert [pause_before(repeat, 0) for repeat in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
    assert pause_before(0, 3.0) == 3.0


def test_a_result_becomes_the_row_of_its_item() -> None:
    [queued, rejected] = read_results(
        b'{"results":[{"status":"queued","id":"0-A"},{"status":"rejected","error":"data: no"}]}'
    )
    row = ledger_row(ITEM, queued, batch=3)
    assert (row.key, row.id, row.recipient, row.batch, row.acked) == ("run-7", "0-A", "oPush0001", 3, True)
    assert ledger_row(ITEM, rejected).error == "data: no"
    assert not ledger_row(ITEM, UNANSWERED).acked


def test_a_status_that_there_is_not_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        ledger_row(ITEM, ItemResult("lost"))
