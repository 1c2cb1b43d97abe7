"""What a job remembers of one try."""

import msgpack
import pytest

from queues.attempt import ERROR_CHARACTERS, Attempt, pack_attempt


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        ("e" * ERROR_CHARACTERS, "e" * ERROR_CHARACTERS),
        ("e" * (ERROR_CHARACTERS + 1), "e" * (ERROR_CHARACTERS - 1) + "…"),
    ],
)
def test_a_long_error_is_cut_and_shows_it(error, kept):
    packed = pack_attempt(Attempt(verdict="retry", errcode=-1, rid="r", error=error), safe_seconds=2.5)
    assert msgpack.unpackb(packed) == ["retry", -1, "r", kept, 2500]
