"""How long is waited after failures."""

import random

from hypothesis import given
from hypothesis import strategies as st

from pushers.backoff import LONGEST_SECONDS, backoff


@given(st.integers(0, 10_000), st.integers())
def test_back_off_grows_to_its_bound_with_full_jitter(failures, seed):
    seconds = backoff(failures, random.Random(seed))
    assert 0 <= seconds <= min(LONGEST_SECONDS, 2.0 ** min(failures, 20))


def test_back_off_uses_the_whole_range():
    rng = random.Random(1)
    waits = [backoff(4, rng) for _ in range(1_000)]
    assert min(waits) < 1
    assert max(waits) > 15
