import socket
from contextlib import closing

import pytest

from loadtests.arrivals.own_system import Address
from loadtests.arrivals.pool import Pool
from loadtests.arrivals.sources import SourceAddresses


def test_one_address_does_for_one_block():
    assert len(SourceAddresses(28_000)) == 1
    assert len(SourceAddresses(28_001)) == 2
    assert len(SourceAddresses(100_000)) == 4


def test_the_first_with_room_is_leased():
    sources = SourceAddresses(5, per_address=2)
    assert [sources.lease() for _ in range(5)] == ["127.0.0.1"] * 2 + ["127.0.0.2"] * 2 + ["127.0.0.3"]
    sources.give_back("127.0.0.1")
    assert sources.lease() == "127.0.0.1"


def test_full_blocks_lease_nothing():
    sources = SourceAddresses(1, per_address=1)
    sources.lease()
    with pytest.raises(LookupError):
        sources.lease()


def test_connections_start_from_as_many_addresses_as_they_need():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address("127.0.0.1", listener.getsockname()[1], ipv6=False, loopback=True)
        with closing(Pool(address, 7, per_address=3)) as pool:
            pool.open(7)
            peers = []
            for _ in range(7):
                sock, peer = listener.accept()
                sock.close()
                peers.append(peer[0])
            assert pool.sources == 3
    assert sorted(peers) == ["127.0.0.1"] * 3 + ["127.0.0.2"] * 3 + ["127.0.0.3"]


@pytest.mark.parametrize(
    "address",
    [Address("::1", 80, ipv6=True, loopback=True), Address("192.0.2.1", 80, ipv6=False, loopback=False)],
)
def test_where_there_is_one_source_address_more_are_refused(address):
    with pytest.raises(ValueError, match="--in-flight above 28,000"):
        Pool(address, 28_001)


def test_more_connections_than_open_files_are_refused():
    with pytest.raises(ValueError, match=r"--in-flight 4,000,000,000 needs .* open files"):
        Pool(Address("127.0.0.1", 80, ipv6=False, loopback=True), 4_000_000_000)


def test_opening_where_nobody_listens_is_an_error():
    with socket.socket() as held:  # so that nobody else listens there
        held.bind(("127.0.0.1", 0))
        nobody = Address("127.0.0.1", held.getsockname()[1], ipv6=False, loopback=True)
        with closing(Pool(nobody, 2)) as pool, pytest.raises(ConnectionRefusedError):
            pool.open(2)
