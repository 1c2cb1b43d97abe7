"""Taking pictures in and showing them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import Image
from gateway.pushes.pictures.settings import PictureSettings
from queues.pushes.pictures import digest_of, format_of
from queues.secret import Secret
from tests.gateway.fakes import FakeAlbum, request

NOW = 1_777_593_600.0
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
SETTINGS = PictureSettings(
    max_bytes=1000, keep_seconds=3600, public_url="https://push.city.test", key=Secret("sixteen letters!")
)


@pytest.fixture
def album():
    return FakeAlbum(inside=PNG, page=b"<html>", large=PNG + bytes(1000))


async def rejection(gallery, image):
    with pytest.raises(RejectedPushError) as rejected:
        await gallery.take(image, 0)
    return str(rejected.value)


async def shown(gallery, token):
    return await gallery.show(request("GET", f"/pictures/{token}"), token)


@pytest.mark.parametrize("image", [Image(data=PNG), Image(url="inside")])
async def test_a_picture_is_kept_and_shown_with_its_bytes_under_its_link(album, image):
    gallery = album.gallery(SETTINGS, NOW)
    picture = await gallery.take(image, 0)
    response = await shown(gallery, picture.link.rpartition("/")[2])
    assert (response.status, response.body, response.content_type) == (200, PNG, "image/png")
    headers = dict(response.headers)
    assert headers[b"Cache-Control"] == b"private, max-age=3600, immutable"
    assert headers[b"X-Content-Type-Options"] == b"nosniff"


async def test_it_is_kept_until_some_time_after_it_is_sent(album):
    await album.gallery(SETTINGS, NOW).take(Image(data=PNG), NOW + 86_400)
    assert album.lives == [86_400 + 3600]


async def test_without_a_public_url_there_are_no_links(album):
    gallery = album.gallery(PictureSettings(), NOW)
    assert (await gallery.take(Image(data=PNG), 0)).link == ""
    assert (await shown(gallery, "x" * 50)).status == 404


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (Image(), ".image: give either data or url"),
        (Image(data=PNG, url="inside"), ".image: give either data or url"),
        (Image(data=b"<html>"), ".image: is neither PNG nor JPEG nor GIF by its first bytes"),
        (Image(url="page"), ".image: is neither PNG nor JPEG nor GIF by its first bytes"),
        (Image(data=PNG + bytes(1000)), ".image.data: 1108 bytes; at most 1000"),
    ],
)
async def test_what_is_no_picture_is_refused(album, image, words):
    assert await rejection(album.gallery(SETTINGS, NOW), image) == words
    assert album.kept == {}


async def test_an_expired_link_says_so_and_shows_nothing(album):
    picture = await album.gallery(SETTINGS, NOW).take(Image(data=PNG), 0)
    response = await shown(album.gallery(SETTINGS, NOW + 3600), picture.link.rpartition("/")[2])
    assert response.status == 410
    assert PNG not in response.body


async def test_a_picture_that_is_not_kept_any_more_is_not_found(album):
    gallery = album.gallery(SETTINGS, NOW)
    picture = await gallery.take(Image(data=PNG), 0)
    album.kept.clear()
    assert (await shown(gallery, picture.link.rpartition("/")[2])).status == 404


@pytest.mark.parametrize(
    ("start", "name"),
    [(b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff\xe0", "jpeg"), (b"GIF89a", "gif"), (b"GIF87a", "gif")],
)
def test_the_format_is_told_by_the_first_bytes(start, name):
    assert format_of(start + b"...") == name


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_different_pictures_have_different_digests(one, other):
    assert (digest_of(one) == digest_of(other)) == (one == other)
