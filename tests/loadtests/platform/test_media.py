"""Fact sheet §4.6: temporary media."""

import json

import pytest

MIB = 1024 * 1024


def multipart(content=b"\x89PNG", filename="a.png", field="media"):
    head = f'--XyZ\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\nContent-Type: image/png'
    return head.encode() + b"\r\n\r\n" + content + b"\r\n--XyZ--\r\n"


def upload(platform, body, kind="image", path="media/upload"):
    return platform.post(path, body, type=kind)


def test_4_6_a_media_id_lives_three_days_and_may_be_used_again(world):
    platform = world(custom_windows="off")
    media_id = upload(platform, multipart(b"\x00\r\n--Xy\r\n"))["media_id"]
    message = {"touser": "oSomebody", "msgtype": "image", "image": {"media_id": media_id}}
    assert [platform.code("message/custom/send", message) for _ in range(2)] == [0, 0]
    got = platform.reply("GET", "/cgi-bin/media/get", access_token=platform._token(""), media_id=media_id)
    assert got.body == b"\x00\r\n--Xy\r\n"
    platform.now += 3 * 86_400
    assert platform.code("message/custom/send", message) == 40007
    assert platform.get("media/get", media_id=media_id)["errcode"] == 40007


def test_4_6_the_answer_has_no_errcode_unless_asked_for(world):
    assert set(upload(world(), multipart())) == {"type", "media_id", "created_at"}
    assert upload(world(media_errcode="present"), multipart())["errcode"] == 0


def test_4_6_a_thumbs_id_has_another_name(world):
    assert "thumb_media_id" in upload(world(), multipart(filename="a.jpg"), "thumb")


def test_4_6_a_video_is_given_as_a_url(world):
    platform = world()
    media_id = upload(platform, multipart(filename="a.mp4"), "video")["media_id"]
    assert set(platform.get("media/get", media_id=media_id)) == {"video_url"}


@pytest.mark.parametrize(
    ("kind", "body", "errcode"),
    [
        ("image", b"", 41005),
        ("image", multipart(field="file"), 41005),
        ("song", multipart(), 40004),
        ("image", multipart(b""), 44001),
        ("image", multipart(filename="a.exe"), 40005),
        ("image", multipart(b"x" * (10 * MIB + 1)), 40009),
        ("voice", multipart(b"x" * (2 * MIB + 1), "a.amr"), 40010),
        ("video", multipart(b"x" * (10 * MIB + 1), "a.mp4"), 40011),
        ("thumb", multipart(b"x" * 65_537, "a.jpg"), 40012),
    ],
)
def test_4_6_limits(world, kind, body, errcode):
    assert upload(world(), body, kind)["errcode"] == errcode


def test_9_4_ten_or_two_megabytes_an_image(world):
    body = multipart(b"x" * (2 * MIB + 1))
    assert "media_id" in upload(world(), body)
    assert upload(world(image_mb=2), body)["errcode"] == 40009


def test_4_6_uploadimg_gives_a_url(world):
    platform = world()
    assert set(upload(platform, multipart(), path="media/uploadimg")) == {"url"}
    assert upload(platform, multipart(filename="a.gif"), path="media/uploadimg")["errcode"] == 40005
    assert upload(platform, multipart(b"x" * (MIB + 1)), path="media/uploadimg")["errcode"] == 40009


def test_7_26_a_media_id_of_another_type_is_answered_as_busy_in_mass_messages(world):
    platform = world()
    media_id = upload(platform, multipart(filename="a.amr"), "voice")["media_id"]
    body = {"touser": ["oSomebody1", "oSomebody2"], "msgtype": "image", "image": {"media_id": media_id}}
    assert platform.code("message/mass/send", body) == -1


def test_unknown_media_ids_may_be_let_pass_as_permanent_material(world):
    platform = world(custom_windows="off", unknown_media="accept")
    message = {"touser": "oSomebody", "msgtype": "image", "image": {"media_id": "permanent"}}
    assert platform.code("message/custom/send", message) == 0


def test_answers_are_json_as_text(world):
    reply = world().reply("POST", "/cgi-bin/media/upload", multipart(), access_token="none")
    assert reply.content_type == b"text/plain"
    assert json.loads(reply.body)["errcode"] == 40001
