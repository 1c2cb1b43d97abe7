import socket

import pytest

from loadtests.arrivals.own_system import NotOwnedError, resolve
from loadtests.http_client import parse_target


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost"])
def test_loopback_is_ours(host):
    address = resolve(parse_target(f"http://{host}:8080/callback/a"), owned=False)
    assert address.loopback
    assert address.port == 8080


def test_loopback_over_ipv6_is_ours_too_with_one_source_address():
    address = resolve(parse_target("http://[::1]:8080/"), owned=False)
    assert (address.loopback, address.ipv6, address.has_sources) == (True, True, False)


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0", "[2001:db8::1]"])
def test_any_other_address_needs_a_word(host):
    target = parse_target(f"http://{host}/callback/a")
    with pytest.raises(NotOwnedError, match="--i-own-this-system"):
        resolve(target, owned=False)
    assert not resolve(target, owned=True).loopback


def test_a_name_counts_by_its_address(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotOwnedError, match=r"localhost\.example is not loopback"):
        resolve(parse_target("http://localhost.example/"), owned=False)


def test_an_unknown_name_is_refused(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ValueError, match="has no address"):
        resolve(parse_target("http://nowhere.example/"), owned=False)
