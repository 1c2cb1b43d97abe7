import msgspec
import pytest

from loadtests.load.request import LoadRequest, RefusedLoadError, check
from loadtests.scenarios.options import LoadOptions

LOCAL = LoadRequest(scenario="callback_spike", options=LoadOptions(account=""))
REMOTE = LoadRequest(
    scenario="callback_spike",
    host="http://127.0.0.1:8080",
    options=LoadOptions(account="a", token="token1", original_id="gh_1"),
)
KEY = "k" * 43


def changed(request, changes):
    options = {name: changes[name] for name in LoadOptions.__struct_fields__ if name in changes}
    others = {name: value for name, value in changes.items() if name not in options}
    return msgspec.structs.replace(request, options=msgspec.structs.replace(request.options, **options), **others)


def test_a_local_run_needs_nothing_but_a_name():
    assert check(LOCAL).scenario.name == "callback_spike"


def test_what_belongs_to_a_running_system_is_refused_without_one():
    for field, flag in {"token": "--token", "store": "--store", "owned": "--i-own-this-system"}.items():
        with pytest.raises(RefusedLoadError, match=f"{flag}: only with --host"):
            check(changed(LOCAL, {field: "x"}))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"scenario": "callback_spikes"}, "did you mean callback_spike"),
        ({"scale": -1}, "--scale"),
        ({"processes": 0}, "--processes"),
        ({"late": 0}, "--late"),
        ({"processes": 1_000}, "--processes"),
        ({"capacity": 5}, "--capacity"),
    ],
)
def test_senseless_arguments_are_refused_by_name(changes, named):
    with pytest.raises(RefusedLoadError, match=named):
        check(changed(LOCAL, changes))


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:8080", "http://localhost:1", "https://[::1]:8443", "http://127.9.9.9"]
)
def test_this_machine_may_be_loaded_at_once(host):
    check(changed(REMOTE, {"host": host}))


@pytest.mark.parametrize("host", ["https://push.example.test", "http://10.0.0.5:8080", "http://localhost.example.test"])
def test_another_machine_only_with_the_owners_word(host):
    with pytest.raises(RefusedLoadError, match="--i-own-this-system"):
        check(changed(REMOTE, {"host": host}))
    check(changed(REMOTE, {"host": host, "owned": True}))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://127.0.0.1/callback", "http://h?x"]
)
def test_a_host_is_an_address_without_a_path(host):
    with pytest.raises(RefusedLoadError, match="--host"):
        check(changed(REMOTE, {"host": host, "owned": True}))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"account": ""}, "--account"),
        ({"token": ""}, "--token"),
        ({"original_id": ""}, "--original-id"),
        ({"scenario": "city_day"}, "--key"),
        ({"mode": "secure"}, "--aes-key"),
        ({"mode": "secure", "aes_key": KEY}, "--app-id"),
        ({"mode": "secure", "aes_key": "short", "app_id": "wx1"}, "--aes-key: an EncodingAESKey has 43"),
        ({"platform": "http://127.0.0.1:1"}, "--platform: only with --store"),
    ],
)
def test_what_a_scenario_needs_of_a_running_system_is_asked_for(changes, named):
    with pytest.raises(RefusedLoadError, match=named):
        check(changed(REMOTE, changes))


def test_pushes_alone_need_no_token():
    check(changed(REMOTE, {"scenario": "upstream_enqueue", "token": "", "upstream_key": "k"}))
