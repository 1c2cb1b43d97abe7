import pytest

from loadtests.platform.faults import Fault, FaultRule, Faults, parse_fault


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


def test_8_a_rule_holds_for_its_api_its_account_and_its_time():
    rule = FaultRule(fault="-1", api="custom", account="wx1", after=10, until=20)
    faults = Faults({}, [rule])
    assert faults.meet("custom", "wx1", 10) == Fault("errcode", -1)
    for api, account, seconds in (
        ("template", "wx1", 10),
        ("custom", "wx2", 10),
        ("custom", "wx1", 9.9),
        ("custom", "wx1", 20),
    ):
        assert faults.meet(api, account, seconds) == Fault()


def test_8_a_rule_may_hold_for_what_a_call_says():
    faults = Faults({}, [FaultRule(fault="87014", containing="refuse me")])
    assert faults.meet(body='{"thing1":"refuse me, 第7"}'.encode()) == Fault("errcode", 87014)
    assert faults.meet(body=b'{"thing1":"take me"}') == faults.meet() == Fault()


def test_8_the_times_of_rules_count_from_when_they_were_set():
    faults = Faults({})
    faults.set_rates({}, [FaultRule(fault="no_answer", until=5)], began=100)
    assert [faults.meet("custom", "wx1", seconds).kind for seconds in (100, 104, 105)] == [
        "no_answer",
        "no_answer",
        "none",
    ]


def test_8_a_rule_has_a_rate():
    faults = Faults({}, [FaultRule(fault="45009", rate=0.25)], seed=3)
    assert [faults.meet().errcode for _ in range(4000)].count(45009) == pytest.approx(1000, rel=0.1)


def test_a_rule_for_a_fault_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="neither an errcode"):
        FaultRule(fault="nonsense")
