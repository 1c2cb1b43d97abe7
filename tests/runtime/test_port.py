"""A port that is taken at the start, whoever listens on it when."""

import socket

import pytest

from runtime.errors import CommandError
from runtime.port import Port


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_its_url_is_where_callers_find_it(host: str) -> None:
    port = Port("server.bind", f"{host}:0")
    port.listen()
    place, _, number = port.url(tls=False).removeprefix("http://").rpartition(":")
    with socket.create_connection((place.strip("[]"), int(number))):
        assert port.url(tls=True).startswith("https://")
    port.close()


def test_until_it_listens_callers_are_refused() -> None:
    port = Port("server.bind", "127.0.0.1:0")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(port.socket.getsockname())
    port.close()


def test_one_that_somebody_else_has_is_named_by_its_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = "{}:{}".format(*taken.getsockname())
        with pytest.raises(CommandError, match=f"^metrics.bind: cannot listen on {bind}: Address already in use$"):
            Port("metrics.bind", bind)
        with pytest.raises(CommandError, match=r"in use; processes of one serve share a port \(server\.processes\)"):
            Port("server.bind", bind)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CommandError, match="Cannot assign requested address"):
        Port("server.bind", "192.0.2.1:0")
