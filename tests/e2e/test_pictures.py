"""A traffic violation goes out with its photo, and nothing outside reaches the server that the photo is on."""

import base64
import json
from urllib.parse import urlsplit

import pytest

from gateway.pushes.pictures.settings import PictureSettings
from loadtests.platform.delay_line import DelayLine
from loadtests.platform.http_server import Reply, Request, listen, serve
from pushers.restraints import window_keeper
from queues.secret import Secret
from tests.e2e.city import ask, founded

pytestmark = pytest.mark.e2e

DRIVER = "oDRIVER000000000000000000001"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 200
TEMPLATE = {"channel": "template", "template_id": "T", "data": {"car_number1": "粤A8Z888", "thing2": "Speeding"}}
IMAGE = {"msgtype": "image"}


class PhotoServer:
    """The internal server; remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    def handle(self, request: Request) -> Reply:
        self.asked.append(request.path.decode())
        return Reply(body=PHOTO, content_type=b"image/jpeg")


@pytest.fixture
async def inside(nursery):
    server = PhotoServer()
    sock = listen("127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{sock.getsockname()[1]}/photos/"
    delays = DelayLine()
    nursery.start_soon(delays.run)
    nursery.start_soon(serve, sock, server.handle, delays)
    return server


@pytest.fixture
async def city(store, inside):
    pictures = PictureSettings(
        allow=(inside.url,), public_url="https://push.city.test", key=Secret("the key that signs links")
    )
    async with founded(store, pictures=pictures) as city:
        yield city


async def test_by_customer_service_with_the_photo_fetched_from_inside(city, inside):
    await city.heard(DRIVER, text="what did I do?")
    push = await city.push(channel="custom", to=DRIVER, message=IMAGE, image={"url": inside.url + "1.jpg"})
    await city.until(push, "sent")
    [send] = await city.ledger("sends")
    assert await city.received(send) == PHOTO
    assert inside.asked == ["/photos/1.jpg"]


async def test_by_template_with_a_link_that_shows_the_photo_and_says_nothing_of_the_inside(city, inside):
    push = await city.push(**TEMPLATE, to=DRIVER, image={"url": inside.url + "1.jpg"})
    status = await city.until(push, "delivered")
    link = json.loads(status.push.body)["url"]
    assert link.startswith("https://push.city.test/pictures/")
    shown = await ask(city.gateway_url, "GET", urlsplit(link).path)
    assert (shown.status, shown.body) == (200, PHOTO)
    assert (await ask(city.gateway_url, "GET", "/pictures/")).status == 404
    assert (await ask(city.gateway_url, "GET", urlsplit(link).path[:-2] + "AA")).status == 404


async def test_the_same_photo_is_uploaded_once_for_all_its_pushes(city):
    data = base64.b64encode(PHOTO).decode()
    drivers = [f"oDRIVER{number:021}" for number in range(10)]
    for driver in drivers:
        await city.heard(driver, text="hello")
    pushes = [await city.push(channel="custom", to=driver, message=IMAGE, image={"data": data}) for driver in drivers]
    for push in pushes:
        await city.until(push, "sent")
    sends = await city.ledger("sends")
    assert sorted(send["openid"] for send in sends) == drivers
    assert len({tuple(send["media"]) for send in sends}) == 1


async def test_outside_the_window_the_photo_goes_out_behind_a_templates_link(city, inside, monkeypatch):
    monkeypatch.setattr(window_keeper, "GRACE_SECONDS", 0)
    push = await city.push(
        channel="custom", to=DRIVER, message=IMAGE, image={"url": inside.url + "1.jpg"}, fallback=[TEMPLATE]
    )
    status = await city.until(push, "delivered")
    assert status.push.channel == "template"
    shown = await ask(city.gateway_url, "GET", urlsplit(json.loads(status.push.body)["url"]).path)
    assert shown.body == PHOTO


async def test_a_medium_that_the_platform_lost_is_uploaded_again(city):
    image = {"data": base64.b64encode(PHOTO).decode()}
    await city.heard(DRIVER, text="hello")
    await city.until(await city.push(channel="custom", to=DRIVER, message=IMAGE, image=image), "sent")
    await city.control("faults", rules=[{"fault": "40007", "api": "custom"}])
    second = await city.push(channel="custom", to=DRIVER, message=IMAGE, image=image)
    await city.until(second, "retrying")
    await city.control("faults")
    await city.until(second, "sent")
    first_send, second_send = await city.ledger("sends")
    assert first_send["media"] != second_send["media"]
    assert await city.received(second_send) == PHOTO


async def test_to_many_and_to_the_office(city):
    image = {"data": base64.b64encode(PHOTO).decode()}
    people = [DRIVER, "oANNA000000000000000000000001"]
    mass = await city.push(channel="mass", to="@message", message=IMAGE | {"touser": people}, image=image)
    await city.until(mass, "delivered")
    office = await city.push(account="office", channel="wecom", to="zhangsan", message=IMAGE, image=image)
    await city.until(office, "sent")
    for send in await city.ledger("sends"):
        assert await city.received(send) == PHOTO


async def test_what_is_not_allowed_is_refused_and_not_asked(city, inside):
    result = await city.offer(channel="custom", to=DRIVER, message=IMAGE, image={"url": inside.url + "../1.jpg"})
    assert result["status"] == "rejected"
    assert ".image.url: is not an address that pictures may be fetched from" in result["error"]
    assert inside.asked == []
