"""One request on a connection of its own, for questions that no load hangs on; it blocks."""

from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

from loadtests.http_client import Answer

_SECONDS = 10.0


def fetch(url: str, body: bytes | None = None, *, seconds: float = _SECONDS) -> Answer:
    """GET a plain `http://` address, or POST `body` to it. Raises OSError or HTTPException where nobody answers so."""
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    with closing(HTTPConnection(parts.netloc, timeout=seconds)) as connection:
        connection.request("GET" if body is None else "POST", target, body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
