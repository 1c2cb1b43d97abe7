import pytest
from msgspec import structs

from queues.connection.sentinels import SentinelView
from queues.settings import StoreSettings
from runtime.doctor.checks import store_sentinels
from tests.runtime.doctor.deployments import deployment, settings

ONE = SentinelView(address="a:1", primary="p:1", known=3, quorum=2, replicas=2, down_seconds=2)
THREE = [ONE, structs.replace(ONE, address="b:1"), structs.replace(ONE, address="c:1")]


def found(views) -> dict[str, str]:
    return {finding.found: finding.severity for finding in store_sentinels.judge(views)}


def test_sentinels_as_they_should_be():
    assert found(THREE) == {"3 Sentinels, quorum 2, 2 replicas known": "ok"}


@pytest.mark.parametrize(
    ("changes", "words", "severity"),
    [
        ({"primary": "q:1"}, "they name different primaries: p:1, q:1", "error"),
        ({"down": True}, "the primary p:1 is taken for dead", "error"),
        ({"known": 2}, "2 Sentinels watch it", "warning"),
        ({"down_seconds": 30.0}, "down-after-milliseconds is 30000", "warning"),
        ({"trouble": "refused"}, "a:1 does not tell where the primary is: refused", "warning"),
    ],
)
def test_what_is_wrong_with_one_of_them_is_found(changes, words, severity):
    assert found([structs.replace(ONE, **changes), *THREE[1:]])[words] == severity


async def test_sentinels_that_are_away_are_each_said_so():
    away = structs.replace(settings(), store=StoreSettings(url="redis+sentinel://127.0.0.1:9,127.0.0.1:8/main"))
    findings = await store_sentinels.examine(deployment(settings=away))
    assert [finding.found.partition(" does not")[0] for finding in findings] == ["127.0.0.1:9", "127.0.0.1:8"]


async def test_a_store_without_sentinel_has_none_to_examine():
    assert await store_sentinels.examine(deployment()) == []
