"""How quickly a child is started again."""

from runtime.children.backoff import Backoff


def test_the_first_time_is_at_once() -> None:
    assert Backoff().after(lived=True) == 0


def test_one_that_served_is_never_long_away() -> None:
    backoff = Backoff()
    assert [backoff.after(lived=True) for _ in range(6)] == [0, 0.05, 0.1, 0.2, 0.25, 0.25]


def test_one_that_never_serves_is_tried_less_and_less() -> None:
    backoff = Backoff()
    delays = [backoff.after(lived=False) for _ in range(100)]
    assert delays[:4] == [0, 0.05, 0.1, 0.2]
    assert delays[-1] == 5


def test_a_long_life_forgets_the_past() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(lived=False)
    backoff.reset()
    assert backoff.after(lived=False) == 0
