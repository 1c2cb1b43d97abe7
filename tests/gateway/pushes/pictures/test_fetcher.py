"""Fetching from inside: what is allowed and bounded, and how a refusal reads."""

import httpx
import pytest
import trio

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.pictures.fetcher import PictureFetcher
from gateway.pushes.pictures.settings import PictureSettings
from gateway.pushes.pictures.source import PictureSource

INSIDE = "http://10.0.0.5/photos/"
SETTINGS = PictureSettings(allow=(INSIDE,), max_bytes=100, fetch_seconds=3.0)

REDIRECTS = {
    "moved": {"location": "/photos/1.jpg"},
    "away": {"location": "http://10.0.0.6/photos/1.jpg"},
    "round": {"location": "round"},
    "nowhere": {"location": "javascript:alert(1)"},
    "greeted": {"location": "1.jpg", "set-cookie": "session=1"},
}


class Inside(httpx.AsyncBaseTransport):
    """A server inside; remembers who was asked, and with which cookies."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cookies: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        self.cookies += request.headers.get_list("cookie")
        name = request.url.path.rpartition("/")[2]
        if name == "slow":
            await trio.sleep(10)
        if name == "broken":
            raise httpx.ConnectError("10.0.0.5: connection refused")
        if headers := REDIRECTS.get(name):
            return httpx.Response(302, headers=headers)
        if name == "gone":
            return httpx.Response(404, content=b"secret words of the inside")
        return httpx.Response(200, stream=httpx.ByteStream(bytes(101) if name == "large" else b"a photo"))


async def fetched(name, inside=None):
    fetcher = PictureFetcher(SETTINGS, inside or Inside())
    try:
        return await fetcher.fetch(name if "://" in name else INSIDE + name)
    finally:
        await fetcher.aclose()


async def refusal(name, inside=None):
    with pytest.raises(RejectedPushError) as rejection:
        await fetched(name, inside)
    assert rejection.value.path == ".image.url"
    return rejection.value.reason


@pytest.mark.parametrize("name", ["1.jpg", "moved"])
async def test_a_picture_inside_is_fetched_also_behind_a_redirect_that_stays_there(name):
    assert await fetched(name) == b"a photo"


async def test_a_redirect_to_elsewhere_is_not_followed():
    inside = Inside()
    assert "is not an address that pictures may be fetched from" in await refusal("away", inside)
    assert inside.asked == [INSIDE + "away"]


async def test_what_is_not_allowed_is_not_even_asked():
    inside = Inside()
    await refusal("http://10.0.0.6/photos/1.jpg", inside)
    assert inside.asked == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("round", "redirects too often"),
        ("large", "is larger than 100 bytes"),
        ("gone", "could not be fetched: it answers 404"),
        ("broken", "could not be fetched: ConnectError"),
        ("nowhere", "could not be fetched: InvalidURL"),
    ],
)
async def test_what_cannot_be_had_is_refused_and_nothing_of_the_inside_is_told(name, words):
    assert await refusal(name) == words


async def test_no_cookie_is_kept():
    inside = Inside()
    assert await fetched("greeted", inside) == b"a photo"
    assert inside.cookies == []


async def test_a_slow_one_is_given_up(autojump_clock):
    assert await refusal("slow") == "could not be fetched in 3 s"


async def test_by_default_nothing_may_be_fetched():
    async with PictureSource(PictureSettings()) as source:
        with pytest.raises(RejectedPushError, match="nothing may be fetched here"):
            await source.fetch(INSIDE + "1.jpg")
