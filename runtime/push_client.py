"""The operator's verbs over the HTTP interface, as anybody else would use it."""

import os
from typing import Any

import httpx
import msgspec

from runtime.errors import CommandError, ConfigurationError
from runtime.secret_sources import MissingSecretError, resolve_secret

_SECONDS = 30.0


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
        if not server.startswith(("http://", "https://")):
            raise ConfigurationError(f'--server: expected a URL such as http://127.0.0.1:8080, got "{server}"')
        self._server = server.rstrip("/")
        # No proxy from the environment: the gateway is one of our own machines.
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {secret}"}, timeout=_SECONDS, trust_env=False, transport=transport
        )

    def call(self, method: str, path: str, *, expect: tuple[int, ...] = (200, 202), **request: Any) -> Any:
        """Make one request; the decoded answer.

        Raises:
            CommandError: The gateway cannot be reached or answers with another status than expected.
        """
        try:
            response = self._client.request(method, self._server + path, **request)
        except httpx.HTTPError as error:
            raise CommandError(f"cannot reach {self._server}: {error or type(error).__name__}") from None
        if response.status_code not in expect:
            raise CommandError(f"{method} {path.partition('?')[0]}: {response.status_code} {_detail(response)}")
        try:
            return msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            raise CommandError(f"{self._server} answers with something that is not JSON; is it a Tidegate?") from None

    def close(self) -> None:
        self._client.close()


def _detail(response: httpx.Response) -> str:
    """What a problem document says, or the status's own words."""
    try:
        problem = msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.DecodeError:
        return response.reason_phrase
    words = [str(problem[field]) for field in ("title", "detail") if problem.get(field)]
    return ": ".join(words) or response.reason_phrase
