"""What of a traced file had reached the disk."""

import pytest

from loadtests.chaos.faults.power_loss import awaits_fsync, synced

WRITE = '7 write(8</d/x.aof>, "*3"..., {n}) = {n}'
SYNC = "7 fdatasync(8</d/x.aof>) = 0 (DELAYED)"


@pytest.mark.parametrize(
    ("lines", "bytes_on_disk"),
    [
        ([], 0),
        ([WRITE.format(n=100)], 0),
        ([WRITE.format(n=100), SYNC], 100),
        ([WRITE.format(n=100), SYNC, WRITE.format(n=50)], 100),
        ([WRITE.format(n=100), SYNC, WRITE.format(n=50), "7 fdatasync(8 <unfinished ...>"], 100),
        (["7 fdatasync(8 <unfinished ...>", "7 <... fdatasync resumed>) = 0 (DELAYED)", SYNC], 0),
        (
            [
                WRITE.format(n=100),
                "9 fdatasync(8 <unfinished ...>",
                WRITE.format(n=50),
                "9 <... fdatasync resumed>) = 0 (DELAYED)",
            ],
            100,
        ),
        (["7 write(8 <unfinished ...>", "7 <... write resumed>) = 30", SYNC], 30),
        ([WRITE.format(n=100), "7 fdatasync(8) = ?", "7 +++ killed by SIGKILL +++"], 0),
        ([WRITE.format(n=100), "7 fdatasync(8) = -1 EIO (Input/output error)"], 0),
    ],
)
def test_only_what_was_written_before_a_completed_fsync_began_counts(lines, bytes_on_disk):
    assert synced(lines) == bytes_on_disk


@pytest.mark.parametrize(
    ("trace", "awaits"),
    [
        ("", False),
        (f"{WRITE}\n", True),
        (f"{WRITE}\n7 fdatasync(8</d/x.aof>", True),
        (f"{WRITE}\n{SYNC}\n", False),
        (f"{WRITE}\n7 fdatasync(8 <unfinished ...>\n7 <... fdatasync resumed>) = 0 (DELAYED)\n", False),
        (f"{WRITE}\n{SYNC}\n{WRITE}\n", True),
    ],
)
def test_the_power_fails_once_something_awaits_its_fsync(trace, awaits):
    assert awaits_fsync(trace.format(n=100)) is awaits
