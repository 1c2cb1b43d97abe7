import pytest

from loadtests.scenarios.catalog import SCENARIOS, UnknownScenarioError, find, plan

ALL = list(SCENARIOS.values())


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_the_rate_adds_up_to_the_arrivals(scenario):
    planned = plan(scenario)
    steps = 1_000
    total = sum(planned.rate_at((step + 0.5) * planned.seconds / steps) for step in range(steps))
    assert total * planned.seconds / steps == pytest.approx(planned.arrivals)


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_the_honest_users_of_each_second_bring_about_the_arrivals(scenario):
    planned = plan(scenario)
    users = sum(planned.users_between(second, second + 1) for second in range(int(planned.seconds)))
    assert users * planned.per_user * scenario.honest == pytest.approx(planned.arrivals, rel=0.05)


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_a_run_of_default_size_suits_two_cores(scenario):
    planned = plan(scenario)
    assert planned.seconds <= 90
    assert planned.peak_rate <= 600
    assert planned.peak_users <= 600


def test_users_given_set_their_own_pace():
    planned = plan(find("callback_spike"), users=10)
    assert planned.peak_users == 10
    assert planned.peak_rate == plan(find("callback_spike")).peak_rate


def test_a_curve_is_drawn_out_without_changing_what_is_sent():
    short, long = plan(find("city_day"), seconds=30), plan(find("city_day"), seconds=300)
    assert short.arrivals == long.arrivals
    assert short.peak_rate == pytest.approx(10 * long.peak_rate)


def test_the_ramp_goes_to_ten_times_the_capacity():
    planned = plan(find("overload_ramp"), capacity=50, seconds=50)
    assert [planned.rate_at(second) for second in (5, 15, 25, 35, 45)] == pytest.approx([50, 100, 250, 500, 50])


def test_nobody_is_there_before_the_start_and_after_the_end():
    planned = plan(find("callback_spike"))
    assert planned.rate_at(-0.1) == planned.rate_at(planned.seconds) == 0
    assert planned.users_between(planned.seconds, planned.seconds + 1) == 0


def test_a_low_rate_keeps_one_user_and_none_has_none():
    planned = plan(find("subscription_wave"), scale=0.001)
    assert planned.users_between(0, 1) == 0
    assert planned.users_between(50, 51) == 1


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"scale": -1}, "--scale"),
        ({"scale": float("nan")}, "--scale"),
        ({"scale": 1e-9}, "--scale"),
        ({"seconds": 0.5}, "--seconds"),
        ({"seconds": 1e9}, "--seconds"),
        ({"users": -3}, "--users"),
        ({"capacity": 100}, "--capacity"),
    ],
)
def test_sizes_that_make_no_sense_are_refused_by_name(changes, named):
    with pytest.raises(ValueError, match=named):
        plan(find("callback_spike"), **changes)


def test_capacity_and_scale_are_not_both_taken():
    with pytest.raises(ValueError, match="--capacity and --scale"):
        plan(find("overload_ramp"), capacity=10, scale=0.1)


@pytest.mark.parametrize(("written", "meant"), [("callback-spike", "callback_spike"), ("city", "city_day")])
def test_an_unknown_name_is_answered_with_the_nearest(written, meant):
    with pytest.raises(UnknownScenarioError, match=f"did you mean {meant}"):
        find(written)


def test_a_name_far_from_any_is_answered_with_all():
    with pytest.raises(UnknownScenarioError, match=r"there are callback_spike, .*overload_ramp"):
        find("")
