"""Bringing a picture to the platform: what an upload's answer means, and whose turn it is."""

import httpx
import pytest
from msgspec import structs

from pushers.pictures import Courier
from pushers.verdict import Verdict, judge
from queues.account import Account, ApiLimit
from queues.pushes.pictures import ask_medium, digest_of, forget_medium, keep_picture, publish_medium
from tests.pushers.makers import claim

PHOTO = b"\xff\xd8\xff" + bytes(100)
PUSH = structs.replace(claim(channel="custom").push, image=digest_of(PHOTO))


class Outlet:
    """Stands for an outlet."""

    account = Account(name="city", app_id="wx1", api_base="http://platform.test")


class Uploads(httpx.AsyncBaseTransport):
    """The platform's upload call; answers as a test says."""

    def __init__(self, answer: httpx.Response | httpx.TransportError) -> None:
        self.answer = answer
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        await request.aread()
        if isinstance(self.answer, httpx.TransportError):
            raise self.answer
        return self.answer


async def bring(store, answer, *, kept=True, outlet=None):
    if kept:
        await keep_picture(store, PHOTO, 60)
    uploads = Uploads(answer)
    async with httpx.AsyncClient(transport=uploads) as client:
        brought = await Courier(store, client).bring(outlet or Outlet(), PUSH, "t1", 5.0)  # type: ignore[arg-type]
    return brought, uploads


async def test_it_is_uploaded_as_the_platform_wants_it_and_its_id_is_shared(store):
    brought, uploads = await bring(store, httpx.Response(200, json={"type": "image", "media_id": "M1"}))
    assert brought == "M1"
    [request] = uploads.asked
    assert str(request.url) == "http://platform.test/cgi-bin/media/upload?access_token=t1&type=image"
    assert b'name="media"; filename="picture.jpeg"' in request.content
    assert PHOTO in request.content
    assert (await ask_medium(store, "city", PUSH.image, 15)).id == "M1"


async def test_one_that_is_known_is_not_uploaded_again(store):
    await publish_medium(store, "city", PUSH.image, "M1")
    brought, uploads = await bring(store, httpx.Response(500))
    assert (brought, uploads.asked) == ("M1", [])


async def test_while_another_process_uploads_it_there_is_nothing_yet(store):
    await ask_medium(store, "city", PUSH.image, 15)
    brought, uploads = await bring(store, httpx.Response(500))
    assert (brought, uploads.asked) == (None, [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, json={"errcode": 40001, "errmsg": "invalid credential"}), "token"),
        (httpx.Response(200, json={"errcode": 40009, "errmsg": "invalid image size"}), "dead"),
        (httpx.Response(200, json={"errcode": 45009, "errmsg": "reach max api daily quota limit"}), "retry"),
        (httpx.Response(200, json={"errcode": -1, "errmsg": "system error"}), "retry"),
        (httpx.Response(200, json={"errcode": 0}), "retry"),
        (httpx.Response(502, content=b"Bad Gateway"), "retry"),
        (httpx.ReadTimeout("no answer"), "retry"),
    ],
)
async def test_an_upload_that_fails_is_judged_and_the_next_may_try(store, answer, kind):
    verdict, _ = await bring(store, answer)
    assert isinstance(verdict, Verdict)
    assert (verdict.kind, verdict.unknown) == (kind, False)
    assert "picture was not uploaded" in verdict.error
    assert (await ask_medium(store, "city", PUSH.image, 15)).upload


async def test_uploads_have_a_limit_of_their_own(store):
    outlet = Outlet()
    outlet.account = structs.replace(Outlet.account, limits={"media": ApiLimit(per_day=1)})
    assert (await bring(store, httpx.Response(200, json={"media_id": "M1"}), outlet=outlet))[0] == "M1"
    await forget_medium(store, "city", PUSH.image, "M1")
    verdict, uploads = await bring(store, httpx.Response(200, json={"media_id": "M2"}), outlet=outlet)
    assert (verdict.kind, verdict.strain, uploads.asked) == ("retry", False, [])


async def test_a_picture_that_is_not_kept_any_more_ends_its_push(store):
    verdict, _ = await bring(store, httpx.Response(500), kept=False)
    assert (verdict.kind, verdict.error) == ("dead", "its picture is not kept any more")


async def test_a_medium_that_the_platform_lost_is_forgotten_and_the_push_repeated_once(store):
    await publish_medium(store, "city", PUSH.image, "M1")
    lost = judge(200, b'{"errcode":40007,"errmsg":"invalid media_id"}')
    noted = await Courier(store, None).note(PUSH, "M1", lost)  # type: ignore[arg-type]
    assert (noted.kind, noted.repeats) == ("dead", 1)
    assert (await ask_medium(store, "city", PUSH.image, 15)).upload
