"""Where pictures that a push names by URL come from: inside, if an operator allows it."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.pictures.settings import PictureSettings

if TYPE_CHECKING:
    from gateway.pushes.pictures.fetcher import PictureFetcher


class PictureSource:
    """Fetches what may be fetched, within its block. Its HTTP client is loaded with the first picture.

    That takes a tenth of a second and some megabytes, which is nothing for those who need it, and too much for those
    who do not.
    """

    def __init__(self, settings: PictureSettings) -> None:
        self._settings = settings
        self._fetcher: PictureFetcher | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fetcher is not None:
            await self._fetcher.aclose()

    async def fetch(self, url: str) -> bytes:
        """The bytes behind a URL.

        Raises:
            RejectedPushError: it may not be fetched, or cannot be.
        """
        if not self._settings.allow:
            raise RejectedPushError(".image.url", "nothing may be fetched here ([pictures] allow is empty): give data")
        if self._fetcher is None:
            from gateway.pushes.pictures.fetcher import PictureFetcher  # noqa: PLC0415 - see above

            self._fetcher = PictureFetcher(self._settings)
        return await self._fetcher.fetch(url)
