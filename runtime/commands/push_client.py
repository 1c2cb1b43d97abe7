"""The operator's verbs over the HTTP interface, as anybody else would use it."""

import os
import time
from collections.abc import Sequence
from secrets import token_hex
from typing import Any, Self

import httpx
import msgspec

from runtime.configuration.addresses import is_web_address
from runtime.configuration.secret_sources import MissingSecretError, resolve_secret
from runtime.errors import CommandError, ConfigurationError

_SECONDS = 30.0
_PATIENCE_SECONDS = 900.0
_SOON_SECONDS = 1.0
_ASKED_WRONGLY = 400
_FOR_NOW = frozenset((429, 503))


class PushClient:
    """A gateway's push interface at `server`, with one upstream's key."""

    def __init__(self, server: str, key: str, transport: httpx.BaseTransport | None = None) -> None:
        """`key` may be `env:NAME` or `file:PATH`.

        Raises:
            ConfigurationError: The key is missing, or the server's address is no URL.
        """
        try:
            secret = resolve_secret(key, os.environ)
        except MissingSecretError as error:
            raise ConfigurationError(f"--key: {error}") from None
        if not secret:
            raise ConfigurationError("--key: missing; give an upstream's key here or in TIDEGATE_KEY")
        if not (secret.isascii() and secret.isprintable()):
            raise ConfigurationError("--key: expected printable ASCII characters, as every upstream's key has")
        if not is_web_address(server):
            raise ConfigurationError(f'--server: expected a URL such as http://127.0.0.1:8080, got "{server}"')
        self._server = server.rstrip("/")
        # No proxy from the environment: the gateway is one of our own machines.
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {secret}"}, timeout=_SECONDS, trust_env=False, transport=transport
        )

    def enqueue(self, pushes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Enqueue one request's worth; the results in their order.

        A refusal for now (429, 503) is waited out, as long as the gateway says, and the same request made again; its
        key makes that safe.

        Raises:
            CommandError: The gateway cannot be reached, or refuses for good or for too long.
        """
        lines = b"\n".join(map(msgspec.json.encode, pushes))
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f'"{token_hex(16)}"'}
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            response = self._send("POST", "/v1/pushes", content=lines, headers=headers)
            wait = _retry_after(response)
            if response.status_code not in _FOR_NOW or time.monotonic() + wait > give_up:
                results: list[dict[str, Any]] = self._decoded("POST", "/v1/pushes", response, (202,))["results"]
                return results
            time.sleep(wait)

    def call(self, method: str, path: str, *, expect: tuple[int, ...] = (200, 202), **request: Any) -> Any:
        """Make one request; the decoded answer.

        Raises:
            CommandError: The gateway cannot be reached or answers with another status than expected.
            ConfigurationError: It does not understand what was asked, and says which part.
        """
        return self._decoded(method, path, self._send(method, path, **request), expect)

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            return self._client.request(method, self._server + path, **request)
        except httpx.HTTPError as error:
            raise CommandError(f"cannot reach {self._server}: {error or type(error).__name__}") from None

    def _decoded(self, method: str, path: str, response: httpx.Response, expect: tuple[int, ...]) -> Any:
        if response.status_code not in expect:
            kind = ConfigurationError if response.status_code == _ASKED_WRONGLY else CommandError
            raise kind(f"{method} {path}: {response.status_code} {_detail(response)}")
        try:
            return msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            raise CommandError(f"{self._server} answers with something that is not JSON; is it a Tidegate?") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()


def ask(server: str, key: str, method: str, path: str, **request: Any) -> Any:
    """One request, by a client of its own; the decoded answer. Raises what `PushClient` does."""
    with PushClient(server, key) as client:
        return client.call(method, path, **request)


def _retry_after(response: httpx.Response) -> float:
    """Seconds to wait; a proxy may say it otherwise (a date), and is asked again soon."""
    told = response.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else _SOON_SECONDS


def _detail(response: httpx.Response) -> str:
    """What a problem document says, or the status's own words."""
    try:
        problem = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        return response.reason_phrase
    words = [str(problem[field]) for field in ("title", "detail") if problem.get(field)]
    return ": ".join(words) or response.reason_phrase
