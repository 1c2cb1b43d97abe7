import pytest

from loadtests.platform.faults import Fault, Faults, parse_fault


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("-1:0.01", ("-1", 0.01)), ("45009:1", ("45009", 1.0)), ("http_500:0.1", ("http_500", 0.1))],
)
def test_a_fault_is_a_name_and_a_rate(text, parsed):
    assert parse_fault(text) == parsed


@pytest.mark.parametrize("text", ["", "-1", "nonsense:0.1", "-1:2", "-1:x", ":0.1"])
def test_what_is_no_fault_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_fault(text)


def test_rates_are_kept_and_a_seed_repeats_them():
    def run():
        faults = Faults({"-1": 0.2, "http_500": 0.1, "no_answer": 0.1}, seed=7)
        return [faults.meet() for _ in range(10_000)]

    met = run()
    assert met == run()
    assert met.count(Fault("errcode", -1)) == pytest.approx(2000, rel=0.1)
    assert met.count(Fault("http_500")) == pytest.approx(1000, rel=0.15)
    assert met.count(Fault()) == pytest.approx(6000, rel=0.05)


def test_rates_may_not_exceed_one_together():
    with pytest.raises(ValueError, match="exceed 1"):
        Faults({"-1": 0.6, "http_500": 0.6})


def test_latency_is_fixed_or_spread_around_its_median():
    assert Faults({}, latency=0.05).latency() == 0.05
    spread = Faults({}, latency=0.05, jitter=0.5)
    drawn = sorted(spread.latency() for _ in range(1001))
    assert drawn[500] == pytest.approx(0.05, rel=0.15)
    assert drawn[0] < 0.03
    assert drawn[-1] > 0.1
