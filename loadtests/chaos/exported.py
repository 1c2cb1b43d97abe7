"""Reads what Tidegate says of itself at `/metrics`."""

from http.client import HTTPException

from loadtests.fetcher import fetch


def read_total(address: str, counter: str) -> float | None:
    """The sum of all series of a counter; None where nobody answers or it is not exported."""
    try:
        lines = fetch(f"http://{address}/metrics").body.decode().splitlines()
    except (OSError, HTTPException):
        return None
    found = [float(line.rpartition(" ")[2]) for line in lines if line.startswith((counter + " ", counter + "{"))]
    return sum(found) if found else None
