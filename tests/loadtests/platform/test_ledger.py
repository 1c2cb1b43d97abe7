import json

import pytest

from loadtests.platform.ledger import PAGE_ROWS, Ledger, LedgerFile, SendRow


def send(number, **changes):
    row = {"at": 1.0, "app_id": "wx1", "openid": "oA", "client_msg_id": str(number), "msgid": number}
    return SendRow(**(row | changes))


def test_pages_hold_every_row_in_order():
    ledger = Ledger(1_000_000)
    for number in range(PAGE_ROWS + 5):
        ledger.sent(send(number))
    first, second = ledger.page("sends", 0).splitlines(), ledger.page("sends", 1).splitlines()
    assert (len(first), len(second)) == (PAGE_ROWS, 5)
    assert json.loads(second[-1])["msgid"] == PAGE_ROWS + 4
    assert ledger.page("sends", 2) == b""


def test_the_oldest_page_goes_first_and_the_ledger_says_so():
    ledger = Ledger(2 * PAGE_ROWS)
    for number in range(2 * PAGE_ROWS + 1):
        ledger.sent(send(number))
    assert ledger.sends.first_page == 1
    assert ledger.sends.forgotten == PAGE_ROWS
    assert ledger.page("sends", 0) == b""
    assert len(ledger.page("sends", 2).splitlines()) == 1


def test_repeats_and_refusals_are_counted_apart():
    ledger = Ledger(100)
    ledger.sent(send(1))
    ledger.sent(send(1, repeat=True))
    ledger.refused(45009)
    assert ledger.counts == {"accepted": 1, "repeats": 1, "errcode 45009": 1}


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind"):
        Ledger(100).page("others", 0)


def test_the_file_stops_at_its_bound_with_whole_lines(tmp_path):
    path = tmp_path / "ledger.jsonl"
    file = LedgerFile(str(path), max_bytes=500)
    ledger = Ledger(100, file)
    for number in range(50):
        ledger.sent(send(number))
    file.close()
    assert file.full
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert path.stat().st_size <= 500
    assert [row["row"]["msgid"] for row in rows] == list(range(len(rows)))
