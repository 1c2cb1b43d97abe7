"""Shards take turns, and those with news mostly come first."""

import pytest

from pushers.shard_rota import BY_TURNS_ALONE, SHARD_SHARE, ShardRota


@pytest.fixture
def rota() -> ShardRota:
    return ShardRota()


def marked(*shards: int) -> dict[int, int]:
    return dict.fromkeys(shards, 1)


def test_what_is_asked_for_is_divided_over_all_ready_shards(rota):
    assert sorted(rota.shares(marked(0, 1, 2, 3), 10, few=False).values()) == [2, 2, 3, 3]


def test_no_more_shards_are_asked_than_there_are_pushes_to_ask_for(rota):
    assert list(rota.shares(marked(0, 1, 2, 3), 2, few=False).values()) == [1, 1]


def test_a_long_queue_is_asked_in_few_shards(rota):
    shares = rota.shares(marked(*range(8)), SHARD_SHARE * 2, few=True)
    assert list(shares.values()) == [SHARD_SHARE] * 2


@pytest.mark.parametrize(("ready", "count"), [({}, 5), ({0: 1}, 0)])
def test_nothing_ready_or_nothing_wanted_asks_nobody(rota, ready, count):
    assert rota.shares(ready, count, few=False) == {}


def test_every_shard_has_its_turn(rota):
    asked = [next(iter(rota.shares(marked(0, 1, 2, 3), 1, few=False))) for _ in range(4)]
    assert sorted(asked) == [0, 1, 2, 3]


def test_a_shard_with_news_comes_before_its_turn(rota):
    ready = marked(*range(8))
    rota.shares(ready, 8, few=False)
    assert not rota.news(ready)
    ready[6] = 2
    assert rota.news(ready)
    assert rota.shares(ready, 1, few=False) == {6: 1}
    assert not rota.news(ready)


def test_shards_without_news_are_not_forgotten_for_those_with_news_in_every_round(rota):
    asked = set()
    for mark in range(8 * BY_TURNS_ALONE * 2):
        asked |= set(rota.shares({**marked(*range(8)), 3: mark + 2}, 1, few=False))
    assert asked == set(range(8))
