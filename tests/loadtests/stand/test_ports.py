"""Ports that are still free when the program that was told to listen there does so."""

import itertools
import socket
from pathlib import Path

from loadtests.stand import ports
from loadtests.stand.ports import FIRST, LAST, free_port

_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_port_is_given_twice():
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == 200


def test_no_outgoing_connection_is_given_one_of_them():
    assert all(FIRST <= free_port() < LAST for _ in range(20))
    first = int(_OUTGOING.read_text().split()[0]) if _OUTGOING.exists() else LAST
    assert first >= LAST


def test_one_that_is_held_is_passed_over(monkeypatch):
    with socket.socket() as held:
        port = free_port()
        held.bind(("127.0.0.1", port))
        monkeypatch.setattr(ports, "_turns", itertools.count(port - FIRST))
        assert free_port() != port
