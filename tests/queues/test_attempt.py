"""What a job remembers of one try."""

import pytest

from queues.attempt import ERROR_CHARACTERS, Attempt, words_of


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        ("e" * ERROR_CHARACTERS, "e" * ERROR_CHARACTERS),
        ("e" * (ERROR_CHARACTERS + 1), "e" * (ERROR_CHARACTERS - 1) + "…"),
    ],
)
def test_a_long_error_is_cut_and_shows_it(error, kept):
    attempt = Attempt(verdict="retry", errcode=-1, rid="r", error=error)
    assert words_of(attempt, safe_seconds=2.5) == ("retry", -1, "r", kept, 2500)
