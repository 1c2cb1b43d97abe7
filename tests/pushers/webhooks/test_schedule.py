import random

from pushers.webhooks.schedule import PAUSES_SECONDS, SPREAD, pause_before_next


def test_pauses_grow_from_seconds_to_hours_and_end_within_two_days():
    rng = random.Random(1)
    pauses = [pause_before_next(tries, rng) for tries in range(len(PAUSES_SECONDS))]
    assert pauses == sorted(pauses)
    assert pause_before_next(len(PAUSES_SECONDS), rng) is None
    assert sum(PAUSES_SECONDS) > 24 * 3600
    assert sum(PAUSES_SECONDS) * (1 + SPREAD) < 48 * 3600
