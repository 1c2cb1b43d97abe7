"""Takes the pictures of pushes in, and shows them to whoever holds a link."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from gateway.http.messages import Request, Response
from gateway.http.problem import ProblemError, answering
from gateway.operation import PICTURE_BYTES, Operation
from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import Image
from gateway.pushes.pictures.links import ExpiredLinkError, PictureLinks
from gateway.pushes.pictures.settings import PictureSettings
from gateway.store_trouble import store_answers_within
from queues.pushes.pictures import DIGEST_BYTES, format_of

MOST = 100
"""Pictures of one request: so many are fetched, a few at once, within the time that a request may take."""
SHOW_SECONDS = 3.0
_HEADERS = (
    (b"X-Content-Type-Options", b"nosniff"),
    (b"Content-Security-Policy", b"default-src 'none'"),
    (b"Referrer-Policy", b"no-referrer"),
    (b"X-Robots-Tag", b"noindex"),
)

Fetch = Callable[[str], Awaitable[bytes]]
Keep = Callable[[bytes, float], Awaitable[bytes]]
Find = Callable[[bytes], Awaitable[bytes | None]]


class Picture(Struct, frozen=True):
    """A picture that is kept: its digest, and a link to it where links are configured."""

    digest: bytes
    link: str = ""


PICTURE = Operation(
    id="showPicture",
    method="GET",
    path="/pictures/{token}",
    summary="A picture, for whoever holds a link to it.",
    answers={200: PICTURE_BYTES},
    problems=(404, 410, 503),
)


class Gallery:
    """`fetch` gets a URL's bytes, `keep` and `find` are the store's; `clock` gives seconds since the epoch."""

    def __init__(
        self,
        settings: PictureSettings,
        *,
        fetch: Fetch,
        keep: Keep,
        find: Find,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._links = PictureLinks(settings.public_url, settings.key.reveal()) if settings.public_url else None
        self._fetch = fetch
        self._keep = keep
        self._find = find
        self._clock = clock

    @property
    def any_link(self) -> str:
        """A link to nothing, as long as any; empty where there are no links."""
        return self._links.link(bytes(DIGEST_BYTES), 0) if self._links else ""

    async def take(self, image: Image, send_at: float) -> Picture:
        """Keep a push's picture until some time after it is sent.

        Raises:
            RejectedPushError: it is no picture that the platforms take, or cannot be had.
            StoreUnavailableError: it may not be on disk.
        """
        if bool(image.data) == bool(image.url):
            raise RejectedPushError(".image", "give either data or url")
        content = image.data or await self._fetch(image.url)
        if len(content) > self._settings.max_bytes:
            raise RejectedPushError(".image.data", f"{len(content)} bytes; at most {self._settings.max_bytes}")
        if format_of(content) is None:
            raise RejectedPushError(".image", "is neither PNG nor JPEG nor GIF by its first bytes")
        ends = max(self._clock(), send_at) + self._settings.keep_seconds
        digest = await self._keep(content, ends - self._clock())
        return Picture(digest, self._links.link(digest, ends) if self._links else "")

    @answering
    async def show(self, _request: Request, token: str) -> Response:
        """`GET /pictures/{token}`."""
        now = self._clock()
        try:
            named = self._links.read(token, now) if self._links else None
        except ExpiredLinkError as error:
            raise ProblemError(410, "Expired", "the link's time is over") from error
        content = None
        if named is not None:
            with store_answers_within(SHOW_SECONDS, "ask again"):
                content = await self._find(named[0])
        if named is None or content is None:
            raise ProblemError(404, "No such picture", "there is none at this address, or it is not kept any more")
        cache = f"private, max-age={int(named[1] - now)}, immutable"
        return Response(
            body=content,
            content_type=f"image/{format_of(content)}",
            headers=((b"Cache-Control", cache.encode()), *_HEADERS),
        )
