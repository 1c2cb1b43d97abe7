"""What a configuration allows and an expert would not."""

import pytest
from msgspec import structs

from queues.secret import Secret
from runtime.doctor.checks.configuration import examine, judge
from tests.runtime.doctor.deployments import ACCOUNT, deployment, settings


def wrong(account=ACCOUNT, **changes) -> dict[str, str]:
    return {each.found: each.severity for each in judge(structs.replace(settings(account), **changes))}


def test_a_careful_configuration_has_nothing_wrong():
    assert wrong() == {}


def test_plaintext_callbacks_are_a_warning():
    assert wrong(structs.replace(ACCOUNT, aes_key=Secret(""))) == {"callbacks in plaintext mode": "warning"}


@pytest.mark.parametrize(("seconds", "found"), [(600, False), (1, False), (601, True), (0, True)])
def test_callbacks_that_are_taken_for_longer_than_repeats_are_known_are_a_warning(seconds, found):
    server = structs.replace(settings().server, freshness_seconds=seconds)
    assert wrong(server=server) == ({f"server.freshness_seconds is {seconds}": "warning"} if found else {})


def test_secrets_over_http_are_an_error_but_not_to_a_simulator():
    assert wrong(structs.replace(ACCOUNT, api_base="http://api.weixin.qq.com")) == {
        "api_base is http://api.weixin.qq.com": "error"
    }
    assert wrong(structs.replace(ACCOUNT, api_base="http://127.0.0.1:8180")) == {}


def test_no_limits_no_upstreams_no_metrics():
    assert wrong(structs.replace(ACCOUNT, limits={})) == {"no limit for template messages": "note"}
    assert wrong(upstreams=()) == {"no upstreams": "note"}
    metrics = settings().metrics
    assert wrong(metrics=structs.replace(metrics, bind="")) == {"metrics.bind is empty": "warning"}
    assert wrong(metrics=structs.replace(metrics, bind="0.0.0.0:9090")) == {"metrics.bind is 0.0.0.0:9090": "note"}


async def test_a_file_that_everybody_may_read_is_a_warning(tmp_path):
    file = tmp_path / "tidegate.toml"
    file.touch(0o640)
    assert await examine(deployment(file=file)) == []
    file.chmod(0o644)
    [finding] = await examine(deployment(file=file))
    assert finding.found == f"{file} may be read by every user of this machine"
