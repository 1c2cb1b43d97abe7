"""How the waiting of small senders is counted."""

from loadtests.fairness.neighbour import Comparison, Latency, Round, latency


def measured(p99: float, missing: int = 0) -> Latency:
    return Latency(pushes=10, missing=missing, p50=p99 / 2, p99=p99, longest=p99)


def test_a_wait_is_from_the_plan_to_the_platform():
    planned = {f"id-{n}": 100.0 for n in range(100)}
    taken = {f"id-{n}": 100.0 + n / 100 for n in range(99)}
    assert latency(planned, taken) == Latency(pushes=100, missing=1, p50=0.49, p99=0.98, longest=0.98)


def test_what_was_refused_is_missing():
    assert latency({"refused 7": 100.0, "id": 100.0}, {"id": 101.0}).missing == 1


def test_the_ratio_is_the_median_of_the_rounds_and_nobody_may_be_missing_in_any():
    rounds = [
        Round(alone=measured(0.1, missing=1), beside=measured(beside, missing=2), neighbour=())
        for beside in (0.25, 0.1, 5.0)
    ]
    compared = Comparison(rounds)
    assert (compared.p99_ratio, compared.beside_p99, compared.missing) == (2.5, 0.25, 9)
