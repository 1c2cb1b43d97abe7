"""Which addresses the audit reads a store at: all that Tidegate takes (Clusters: tests/e2e/test_several_servers.py)."""

import pytest
from redis.sentinel import SentinelManagedSSLConnection

from loadtests.audit.store_address import open_client

TLS = "ssl_ca_certs=/ca.pem"


def given(client, *names):
    options = client.connection_pool.connection_kwargs
    return tuple(options.get(name) for name in names)


def test_a_lone_servers_address_is_read_as_the_client_reads_it():
    client = open_client("rediss://me:hush%2F1@one:7/2?" + TLS, seconds=3)
    asked = ("host", "port", "db", "username", "password", "ssl_ca_certs", "socket_timeout")
    assert given(client, *asked) == ("one", 7, 2, "me", "hush/1", "/ca.pem", 3)


def test_what_an_address_says_goes_to_the_servers_and_what_is_sentinels_own_to_the_sentinels():
    client = open_client(f"rediss+sentinel://me:mine@[::1]:7,two/main?db=2&sentinel_password=hush&{TLS}")
    assert client.connection_pool.connection_class is SentinelManagedSSLConnection
    assert given(client, "db", "username", "password", "ssl_ca_certs") == (2, "me", "mine", "/ca.pem")
    sentinels = client.connection_pool.sentinel_manager.sentinels
    asked = [given(each, "host", "port", "username", "password", "ssl_ca_certs", "db") for each in sentinels]
    assert asked == [(host, port, None, "hush", "/ca.pem", 0) for host, port in (("::1", 7), ("two", 26_379))]


@pytest.mark.parametrize("scheme", ["redis+sentinel", "rediss+sentinel"])
def test_a_sentinel_without_a_service_is_refused(scheme):
    with pytest.raises(ValueError, match="ends with the name of its service"):
        open_client(f"{scheme}://one:7")


@pytest.mark.parametrize("url", ["http://one", "redis+else://one"])
def test_other_addresses_are_refused(url):
    with pytest.raises(ValueError, match="must specify one of"):
        open_client(url)
