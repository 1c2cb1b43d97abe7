"""Fetches `/metrics`."""

import time

import httpx

from runtime.configuration.addresses import is_web_address
from runtime.errors import CommandError, ConfigurationError
from runtime.top.scrape import NotMetricsError, Scrape, parse_scrape

_SECONDS = 10.0
_OK = 200


class ScrapeError(CommandError):
    """There is no scrape now; `str()` says why in one line."""


class Source:
    """One address of `/metrics`."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Raises ConfigurationError if `url` is not a web address."""
        if not is_web_address(url):
            raise ConfigurationError(f'--metrics: expected a URL such as http://127.0.0.1:9090/metrics, got "{url}"')
        self.url = url
        # No proxy from the environment: the gateway is one of our own machines.
        self._client = httpx.AsyncClient(
            headers={"Accept": "text/plain"}, timeout=_SECONDS, trust_env=False, transport=transport
        )

    async def scrape(self) -> Scrape:
        """Ask once.

        Raises:
            ScrapeError: Nobody answers, or something that is not Tidegate's metrics.
        """
        try:
            response = await self._client.get(self.url)
        except httpx.HTTPError as error:
            raise ScrapeError(f"cannot reach {self.url}: {error or type(error).__name__}") from None
        if response.status_code != _OK:
            raise ScrapeError(f"{self.url}: {response.status_code} {response.reason_phrase}")
        try:
            return parse_scrape(response.text, time.monotonic())
        except NotMetricsError as error:
            raise ScrapeError(f"{self.url}: {error}; is it the address of metrics.bind?") from None

    async def aclose(self) -> None:
        await self._client.aclose()
