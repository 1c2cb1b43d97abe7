import re

import pytest
from redis.connection import SSLConnection
from redis.sentinel import SentinelManagedSSLConnection

from queues.connection.address import read_address
from queues.connection.connector import CONNECT_SECONDS, SOCKET_SECONDS, open_servers


@pytest.mark.parametrize(
    "url", ["redis://h:1/2", "rediss://:secret@h", "unix:///run/store.sock?db=1", "rediss://h?ssl_ca_certs=/ca"]
)
def test_the_address_of_one_server_is_left_to_the_client(url):
    assert read_address(url) is None


def test_a_sentinel_address_names_the_sentinels_and_the_service():
    address = read_address("redis+sentinel://one:1,two/main")
    assert address is not None
    assert (address.kind, address.service, address.tls) == ("sentinel", "main", False)
    assert address.hosts == (("one", 1), ("two", 26_379))


def test_a_cluster_address_names_some_of_its_servers():
    address = read_address("rediss+cluster://one,[::1]:7001")
    assert address is not None
    assert (address.kind, address.tls, address.hosts) == ("cluster", True, (("one", 6_379), ("::1", 7_001)))


def test_user_password_and_options_go_to_every_server():
    address = read_address("rediss+cluster://us%40er:pa%2Css@one:1,two:2?ssl_ca_certs=/etc/ca.pem")
    assert address is not None
    assert address.server(("::1", 3)) == "rediss://us%40er:pa%2Css@[::1]:3?ssl_ca_certs=%2Fetc%2Fca.pem"


def test_sentinels_password_goes_to_no_server():
    address = read_address("redis+sentinel://one/main?db=2&sentinel_password=hush")
    assert address is not None
    assert address.server(("two", 3)) == "redis://two:3?db=2"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://h", "expected a URL with redis://"),
        ("redis://a:1,b:2/0", "several hosts need redis+sentinel:// or redis+cluster://"),
        (
            "redis+sentinel://a:1,b:2",
            "ends with the name of its service: redis+sentinel://host:26379,host:26379/service",
        ),
        ("redis+sentinel:///main", "names no host"),
        ("redis+sentinel://a:1,b:x/main", "host 2 has no port that is a number"),
        ("redis+cluster://:1", "host 1 has no name"),
        ("redis://a?socket_timeout=60", '"?socket_timeout=" is no option of such an address; there are db, username'),
        ("redis://a?ssl_ca_certs=/etc/ca.pem", '"?ssl_ca_certs=" is no option of such an address'),
        ("unix:///run/store.sock?db=one", '"?db=" is no number'),
        ("redis+cluster://a:1/0", "a Cluster has no databases"),
        ("redis+cluster://a:1?db=1", '"?db=" is no option of such an address; there are ssl_ca_certs'),
    ],
)
def test_an_address_that_is_none_is_refused_with_what_to_write(url, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_address(url)


@pytest.mark.parametrize("scheme", ["redis", "redis+sentinel", "redis+cluster"])
def test_half_of_a_password_is_not_taken_for_a_host_and_shown(scheme):
    with pytest.raises(ValueError, match=re.escape("in a password / ? # @ are written %2F")) as caught:
        read_address(f"{scheme}://user:hush/hour@store:6379/main")
    assert "hush" not in str(caught.value)


def test_the_client_behind_sentinel_has_our_bounds_and_its_own_credentials():
    [client] = open_servers("rediss+sentinel://me:mine@one:1,two:2/main?db=3&sentinel_password=hush").everyone()
    pool = client.connection_pool
    given = pool.connection_kwargs
    assert issubclass(pool.connection_class, SentinelManagedSSLConnection)
    assert (given["username"], given["password"], given["db"]) == ("me", "mine", 3)
    assert (given["socket_timeout"], given["socket_connect_timeout"]) == (SOCKET_SECONDS, CONNECT_SECONDS)
    asked = [sentinel.connection_pool for sentinel in pool.sentinel_manager.sentinels]
    assert [each.connection_kwargs["port"] for each in asked] == [1, 2]
    assert {each.connection_kwargs["password"] for each in asked} == {"hush"}
    assert all(issubclass(each.connection_class, SSLConnection) for each in asked)


def test_a_silent_sentinel_is_asked_once_and_briefly():
    """redis-py's default is three tries with waits of seconds between them."""
    [client] = open_servers("redis+sentinel://one,two/main").everyone()
    for sentinel in client.connection_pool.sentinel_manager.sentinels:
        given = sentinel.connection_pool.connection_kwargs
        assert given["retry"].get_retries() == 0
        assert given["socket_timeout"] == given["socket_connect_timeout"] == 0.5


def test_an_error_names_a_sentinel_by_its_address_and_tells_none_of_its_options():
    [client] = open_servers("redis+sentinel://one:1,two:2/main?sentinel_password=hush").everyone()
    assert [repr(each) for each in client.connection_pool.sentinel_manager.sentinels] == ["one:1", "two:2"]
