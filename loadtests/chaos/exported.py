"""Reads what Tidegate says of itself at `/metrics`."""

from contextlib import closing
from http.client import HTTPConnection, HTTPException

_SECONDS = 10.0


def read_total(address: str, counter: str) -> float | None:
    """The sum of all series of a counter; None where nobody answers or it is not exported."""
    try:
        with closing(HTTPConnection(address, timeout=_SECONDS)) as connection:
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
    except (OSError, HTTPException):
        return None
    found = [float(line.rpartition(" ")[2]) for line in lines if line.startswith((counter + " ", counter + "{"))]
    return sum(found) if found else None
