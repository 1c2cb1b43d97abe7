"""Fetches pictures from inside: allowed addresses only, bounded in size, in time and in how many at once."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import cast
from urllib.parse import urljoin

import httpx
import trio

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.pictures.allow_list import AllowList
from gateway.pushes.pictures.settings import PictureSettings

AT_ONCE = 8
"""Pictures held while they are fetched: this many times `max_bytes`."""
MOST_REDIRECTS = 3
_PATH = ".image.url"


class PictureFetcher:
    """Fetches for one gateway process. Redirects are followed within the allow-list alone."""

    def __init__(self, settings: PictureSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Raises ValueError for an `allow` entry that is not the beginning of a URL."""
        self._allowed = AllowList(settings.allow)
        self._max_bytes = settings.max_bytes
        self._seconds = settings.fetch_seconds
        # Proxies that the environment names are not asked: what may be fetched is inside.
        # Nor is anything unpacked, whose size is not known before.
        # And no cookie is kept, for one upstream's fetch to go out with what another's was given.
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            headers={"Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
        self._room = trio.CapacityLimiter(AT_ONCE)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def fetch(self, url: str) -> bytes:
        """The bytes behind a URL.

        Raises:
            RejectedPushError: it may not be fetched, is not there, is too large or too slow. The address is the
                upstream's own, so it may learn the status, but nothing else of what is inside.
        """
        async with self._room:
            with trio.move_on_after(self._seconds):
                try:
                    return await self._follow(url)
                except (httpx.HTTPError, httpx.InvalidURL) as error:  # the latter of a redirect
                    raise RejectedPushError(_PATH, f"could not be fetched: {type(error).__name__}") from error
        raise RejectedPushError(_PATH, f"could not be fetched in {self._seconds:g} s")

    async def _follow(self, url: str) -> bytes:
        for _ in range(MOST_REDIRECTS + 1):
            if not self._allowed.allows(url):
                raise RejectedPushError(_PATH, "is not an address that pictures may be fetched from ([pictures] allow)")
            async with self._client.stream("GET", url, follow_redirects=False) as response:
                if not response.has_redirect_location:
                    return await self._read(response)
                url = urljoin(url, response.headers["location"])
        raise RejectedPushError(_PATH, "redirects too often")

    async def _read(self, response: httpx.Response) -> bytes:
        if not response.is_success:
            raise RejectedPushError(_PATH, f"could not be fetched: it answers {response.status_code}")
        parts: list[bytes] = []
        size = 0
        raw = cast("AsyncGenerator[bytes]", response.aiter_raw(65_536))  # httpx promises less than it gives
        async with aclosing(raw) as arriving:
            async for part in arriving:
                parts.append(part)
                size += len(part)
                if size > self._max_bytes:
                    raise RejectedPushError(_PATH, f"is larger than {self._max_bytes} bytes")
        return b"".join(parts)
