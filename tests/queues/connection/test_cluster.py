"""Where calls go, against servers that only tell who holds which slots.

Real ones: tests/e2e/test_several_servers.py.
"""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from queues.connection import cluster
from queues.connection.cluster import Cluster, read_slots
from queues.scripts import Call

ONE, TWO, THREE = ("one", 1), ("two", 2), ("three", 3)
LOW, HIGH = "{tg2}:a", "{tg1}:a"  # slots 100 and 12,295
HALVES = [[0, 8_191, [b"one", 1, b"id"]], [8_192, 16_383, [b"two", 2, b"id"], [b"three", 3, b"id"]]]
PROMOTED = [[0, 8_191, [b"one", 1, b"id"]], [8_192, 16_383, [b"three", 3, b"id"], [b"two", 2, b"id"]]]


class Server:
    def __init__(self, address, told=None):
        self.address = address
        self.told = told
        self.closed = False

    def execute_command(self, _command):
        if self.told is None:
            raise RedisConnectionError("refused")
        return self.told

    def close(self):
        self.closed = True


class Network:
    """What each address tells when it is asked, and who was asked."""

    def __init__(self, **told):
        self.told = told
        self.asked = []

    def ask(self, address):
        self.asked.append(address[0])
        return Server(address, self.told.get(address[0]))


def opened(network, *seeds) -> Cluster:
    found = Cluster(seeds or (ONE,), connect=Server, ask=network.ask)
    found.look_again(0)
    return found


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(cluster, "AGAIN_SECONDS", 0.0)


def test_nobody_is_asked_before_something_is_wanted():
    network = Network(one=HALVES)
    found = Cluster((ONE,), connect=Server, ask=network.ask)
    assert network.asked == []
    with pytest.raises(RedisConnectionError, match="no server of the Cluster holds slot"):
        found.holding(LOW)
    assert found.look_again(found.generation)
    assert found.holding(LOW).address == ONE


def test_each_call_goes_to_the_server_that_holds_its_key():
    found = opened(Network(one=HALVES))
    calls = [Call(None, (key,), ("GET", key)) for key in (LOW, HIGH, LOW)]
    parts = {part.client.address: (list(part.positions), part.calls) for part in found.divide(calls)}
    assert parts == {ONE: ([0, 2], [calls[0], calls[2]]), TWO: ([1], [calls[1]])}


def test_the_next_of_the_address_is_asked_when_one_is_away():
    network = Network(two=HALVES)
    assert opened(network, ONE, TWO).holding(HIGH).address == TWO
    assert network.asked == ["one", "two"]


def test_a_replica_that_took_over_is_found_through_those_that_are_left():
    network = Network(one=HALVES)
    found = opened(network)
    old, generation = found.holding(HIGH), found.generation
    network.told = {"three": PROMOTED}  # not of the address: learnt from the first answer
    assert found.look_again(generation)
    assert found.holding(HIGH).address == THREE
    assert old.closed
    assert not found.holding(LOW).closed


def test_one_look_serves_all_calls_that_failed_before_it():
    network = Network(one=HALVES)
    found = opened(network)
    generation = found.generation
    network.told = {"one": PROMOTED}
    assert found.look_again(generation)
    asked = len(network.asked)
    assert found.look_again(generation)
    assert len(network.asked) == asked


def test_where_nothing_moved_there_is_nothing_to_repeat():
    found = opened(Network(one=HALVES))
    assert not found.look_again(found.generation)


def test_a_range_without_an_owner_is_no_ones():
    found = opened(Network(one=HALVES[:1]))
    with pytest.raises(RedisConnectionError, match="slot 12295"):
        found.holding(HIGH)


def test_a_server_without_a_name_is_the_one_that_was_asked():
    assert read_slots([[0, 16_383, [b"", 7, b"id"]]], "asked").owners == (("asked", 7),)


def test_a_server_whose_address_is_not_known_holds_nothing_for_us():
    assert read_slots([[0, 16_383, [b"?", 7, b"id"]]], "asked").owners == ()


def test_while_nobody_has_told_anything_the_reason_is_that_of_the_last_who_was_asked():
    found = Cluster((ONE,), connect=Server, ask=Network().ask)
    with pytest.raises(RedisConnectionError, match="refused"):
        found.look_again(0)
