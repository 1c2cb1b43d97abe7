import msgspec
import pytest

from loadtests.scenarios.catalog import find
from loadtests.scenarios.options import HELP, SECRETS, LoadOptions, environment_name, read_options

OPTIONS = LoadOptions(scale=0.5, peak_users=7, token="t0ken", mode="secure", ledger="/somewhere")


def test_what_goes_into_the_environment_comes_out_of_it():
    environ = OPTIONS.environ()
    given = {name: environ.get(environment_name(name)) for name in LoadOptions.__struct_fields__}
    assert read_options(given) == OPTIONS


def test_the_rest_of_locusts_arguments_is_left_alone():
    given = {"host": "http://127.0.0.1", "num_users": 3} | msgspec.to_builtins(OPTIONS)
    assert read_options(given) == OPTIONS


def test_a_wrong_value_is_refused_by_its_name():
    with pytest.raises(ValueError, match=r"\$.scale"):
        read_options({"scale": "much"})


def test_every_option_is_explained_and_secrets_are_options():
    assert set(HELP) == set(LoadOptions.__struct_fields__)
    assert set(LoadOptions.__struct_fields__) > SECRETS


def test_options_give_the_plan():
    planned = OPTIONS.plan(find("receipts_storm"))
    assert (planned.arrivals, planned.peak_users) == (37_500, 7)
