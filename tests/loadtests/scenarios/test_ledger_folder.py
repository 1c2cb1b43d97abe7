import msgspec
import pytest

from loadtests.ledgers import CampaignRow, SpikeRow
from loadtests.scenarios.ledger_folder import LedgerWriter, read_campaign, read_spike


def spike(number):
    return SpikeRow(
        openid=f"o{number}",
        type="event",
        name="subscribe",
        created=1,
        key="",
        msgid="",
        acked=True,
        answers=("200",),
        latency=0.1,
    )


def push(number):
    return CampaignRow(key=f"k{number}", id=f"0-{number}", status="queued", recipient="o", priority="normal")


def test_the_ledgers_of_several_processes_are_read_as_one(tmp_path):
    for pid in range(3):
        writer = LedgerWriter(tmp_path)
        writer.callback(spike(pid))
        writer.push(push(pid))
        writer.close()
        for file in tmp_path.glob("*.jsonl"):  # what another process writes has another name
            file.rename(tmp_path / f"{file.stem}-process{pid}.jsonl")
    assert sorted(read_spike(tmp_path), key=lambda row: row.openid) == [spike(0), spike(1), spike(2)]
    assert sorted(read_campaign(tmp_path), key=lambda row: row.key) == [push(0), push(1), push(2)]


def test_a_second_test_in_the_same_process_adds_to_the_file(tmp_path):
    for number in range(2):
        writer = LedgerWriter(tmp_path)
        writer.callback(spike(number))
        writer.close()
    assert read_spike(tmp_path) == [spike(0), spike(1)]


def test_half_a_line_of_a_killed_process_is_left_out(tmp_path):
    (tmp_path / "spike-host-1.jsonl").write_bytes(msgspec.json.encode(spike(1)) + b'\n{"openid":"o2","ty')
    assert read_spike(tmp_path) == [spike(1)]


def test_rows_that_are_something_else_are_an_error(tmp_path):
    (tmp_path / "spike-host-1.jsonl").write_bytes(b'{"key": 1}\n')
    with pytest.raises(msgspec.MsgspecError):
        read_spike(tmp_path)


def test_without_a_folder_nothing_is_kept(tmp_path):
    writer = LedgerWriter(None)
    writer.callback(spike(1))
    writer.close()
    assert not list(tmp_path.iterdir())
    assert read_spike(tmp_path) == read_campaign(tmp_path) == []
