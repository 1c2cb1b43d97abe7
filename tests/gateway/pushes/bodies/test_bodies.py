"""What each channel takes, what the platform is sent for it, and the words with which anything else is refused."""

import json

import msgspec
import pytest
from msgspec import UNSET

from gateway.pushes.bodies.registry import body_for
from gateway.pushes.complaint import RejectedPushError
from gateway.pushes.item import PushItem
from queues.account import Account, Webhook

OFFICIAL = Account(name="traffic", app_id="wx1")
CITY = Account(name="traffic", app_id="wx1", webhook=Webhook("https://sms.test/take"))
WECOM = Account(name="office", kind="wecom", app_id="ww1", agent_id=1_000_002)


def item(channel, to="oUSER", **fields):
    given = {"account": "traffic", "channel": channel, "to": to} | fields
    return msgspec.json.decode(json.dumps(given), type=PushItem)


def body(channel, to="oUSER", **fields):
    account = {"wecom": WECOM, "webhook": CITY}.get(channel, OFFICIAL)
    return json.loads(body_for(item(channel, to, **fields), account))


def refusal(channel, to="oUSER", **fields):
    with pytest.raises(RejectedPushError) as rejection:
        body(channel, to, **fields)
    return str(rejection.value)


def test_a_channel_is_offered_by_the_accounts_that_have_it():
    with pytest.raises(RejectedPushError, match=r"'wecom' is no channel of an account of kind official; available: "):
        body_for(item("wecom"), OFFICIAL)
    with pytest.raises(RejectedPushError, match=r"'template' is no channel .* available: wecom$"):
        body_for(item("template"), WECOM)


@pytest.mark.parametrize("channel", ["custom", "mass", "wecom", "webhook"])
def test_a_message_that_is_not_utf8_is_refused_like_any_other(channel):
    to = "oUSER" if channel == "custom" else "@message"
    raw = b'{"msgtype": "text", "text": {"content": "\xff"}}'
    broken = msgspec.structs.replace(item(channel, to), message=msgspec.Raw(raw))
    with pytest.raises(RejectedPushError, match=r"^\.message: is not .*UTF-8"):
        body_for(broken, {"wecom": WECOM, "webhook": CITY}.get(channel, OFFICIAL))


class TestSubscribe:
    def test_it_fills_a_template_and_calls_its_url_page(self):
        sent = body("subscribe", template_id="T1", data={"thing1": "Blue mug"}, url="https://example.test/o/1")
        assert sent == {
            "template_id": "T1",
            "data": {"thing1": {"value": "Blue mug"}},
            "page": "https://example.test/o/1",
        }

    def test_the_rules_of_fields_hold_here_too(self):
        assert refusal("subscribe", template_id="T1", data={"phrase1": "six chars"}).startswith(".data.phrase1: ")
        assert refusal("subscribe", data={}) == ".template_id: required for channel subscribe"
        assert refusal("subscribe", template_id="T", data={}, url="pages/index").startswith(".url: expected an address")


class TestTemplate:
    @pytest.mark.parametrize("url", ["https://example.test/路?a=1#b", "HTTP://10.0.0.1:8080"])
    def test_a_tap_leads_to_a_web_address(self, url):
        assert body("template", template_id="T", data={}, url=url)["url"] == url

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "example.test", "https://", "https:///path", "https://a b"])
    def test_and_nowhere_else(self, url):
        assert refusal("template", template_id="T", data={}, url=url) == (
            ".url: expected an address that begins with https:// or http://, without spaces"
        )

    def test_an_address_has_its_bound(self):
        with pytest.raises(msgspec.ValidationError, match=r"length <= 2048 - at `\$.url`"):
            item("template", url="https://example.test/" + "x" * 2048)


CUSTOM = [
    {"msgtype": "text", "text": {"content": "hi"}},
    {"msgtype": "text", "text": {"content": "hi"}, "customservice": {"kf_account": "kf1@gh_demo"}},
    {"msgtype": "image", "image": {"media_id": "M"}},
    {"msgtype": "voice", "voice": {"media_id": "M"}},
    {"msgtype": "video", "video": {"media_id": "M", "thumb_media_id": "T", "title": "t", "description": "d"}},
    {"msgtype": "music", "music": {"musicurl": "https://m.test", "thumb_media_id": "T"}},
    {"msgtype": "news", "news": {"articles": [{"title": "t", "url": "https://n.test"}]}},
    {"msgtype": "mpnews", "mpnews": {"media_id": "M"}},
    {"msgtype": "mpnewsarticle", "mpnewsarticle": {"article_id": "A"}},
    {"msgtype": "msgmenu", "msgmenu": {"list": [{"id": "1", "content": "yes"}], "head_content": "Well?"}},
    {"msgtype": "wxcard", "wxcard": {"card_id": "C"}},
    {
        "msgtype": "miniprogrampage",
        "miniprogrampage": {"title": "t", "appid": "wx2", "pagepath": "p", "thumb_media_id": "T"},
    },
    {"msgtype": "link", "link": {"title": "t", "url": "https://l.test"}},
]


class TestCustom:
    @pytest.mark.parametrize("message", CUSTOM, ids=lambda message: message["msgtype"])
    def test_every_type_goes_out_as_it_came(self, message):
        assert body("custom", message=message) == message

    def test_characters_go_out_raw_since_the_platform_shows_escapes(self):
        push = msgspec.json.decode(
            rb'{"account":"a","channel":"custom","to":"o","message":{"msgtype":"text","text":{"content":"\u84dd"}}}',
            type=PushItem,
        )
        assert "蓝".encode() in body_for(push, OFFICIAL)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, '.message: required for channel custom, as {"msgtype": "text", …}'),
            ({"template_id": "T", "message": CUSTOM[0]}, ".template_id: is for templates; custom takes message"),
            ({"message": {"msgtype": "fax"}}, ".message.msgtype: expected one of image, link, "),
            ({"message": {"text": {"content": "x"}}}, ".message.msgtype: required"),
            ({"message": {"msgtype": "text"}}, ".message.text: required"),
            (
                {"message": {"msgtype": "text", "text": {"content": ""}}},
                ".message.text.content: expected str of length",
            ),
            ({"message": {"msgtype": "news", "news": {"articles": [{"title": "1"}, {"title": "2"}]}}}, "length <= 1"),
            ({"message": "hello"}, ".message: expected object, got str"),
        ],
    )
    def test_anything_else_is_refused_by_field(self, fields, words):
        assert words in refusal("custom", **fields)


PEOPLE = {"touser": ["oA", "oB"], "msgtype": "text", "text": {"content": "hi"}}


class TestMass:
    def test_a_list_of_people_or_a_filter(self):
        assert body("mass", "@message", message=PEOPLE) == PEOPLE
        tagged = {"filter": {"tag_id": 2}, "msgtype": "image", "images": {"media_ids": ["M"]}}
        assert body("mass", "@message", message=tagged) == tagged | {"filter": {"is_to_all": False, "tag_id": 2}}
        everyone = {"filter": {"is_to_all": True}, "msgtype": "mpnews", "mpnews": {"media_id": "M"}}
        assert body("mass", "@message", message=everyone)["filter"] == {"is_to_all": True}

    def test_ten_thousand_people_fit(self):
        people = [f"o{n:027}" for n in range(10_000)]
        assert len(body("mass", "@message", message=PEOPLE | {"touser": people})["touser"]) == 10_000

    @pytest.mark.parametrize(
        ("to", "changes", "words"),
        [
            ("oUSER", {}, ".to: write '@message': whom a mass message goes to stands in message.touser"),
            ("@message", {"touser": None}, ".message: give either touser or filter"),
            ("@message", {"filter": {"tag_id": 1}}, ".message: give either touser or filter"),
            ("@message", {"touser": ["oA", "oA"]}, ".message.touser: 1 people; the platform takes 2 to 10000"),
            ("@message", {"touser": None, "filter": {}}, ".message.filter: give either is_to_all or tag_id"),
        ],
    )
    def test_an_audience_that_the_platform_would_not_take_is_refused(self, to, changes, words):
        assert words in refusal("mass", to, message=PEOPLE | changes)


TEXT = {"msgtype": "text", "text": {"content": "build finished"}}
CARD = {"msgtype": "template_card", "template_card": {"card_type": "text_notice", "main_title": {"title": "t"}}}
WECOM_MESSAGES = [
    TEXT,
    CARD,
    {"msgtype": "markdown", "markdown": {"content": "**done**"}},
    {"msgtype": "image", "image": {"media_id": "M"}},
    {"msgtype": "voice", "voice": {"media_id": "M"}},
    {"msgtype": "file", "file": {"media_id": "M"}},
    {"msgtype": "video", "video": {"media_id": "M", "title": "t"}},
    {"msgtype": "textcard", "textcard": {"title": "t", "description": "d", "url": "https://x.test", "btntxt": "more"}},
    {"msgtype": "news", "news": {"articles": [{"title": "t", "url": "https://n.test"}]}},
    {"msgtype": "mpnews", "mpnews": {"articles": [{"title": "t", "thumb_media_id": "T", "content": "c"}]}},
    {"msgtype": "miniprogram_notice", "miniprogram_notice": {"appid": "wx2", "title": "t"}},
]


class TestWecom:
    def test_the_account_gives_the_agent_and_repeats_are_safe_by_default(self):
        assert body("wecom", "zhangsan", message=TEXT) == TEXT | {
            "agentid": 1_000_002,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 600,
        }

    def test_a_message_may_forgo_the_duplicate_check(self):
        sent = body("wecom", "zhangsan", message=TEXT | {"enable_duplicate_check": 0})
        assert (sent["enable_duplicate_check"], "duplicate_check_interval" in sent) == (0, False)

    @pytest.mark.parametrize("message", WECOM_MESSAGES, ids=lambda message: message["msgtype"])
    def test_every_type_goes_out_as_it_came(self, message):
        assert message.items() <= body("wecom", "zhangsan|lisi", message=message).items()

    def test_parties_and_tags_stand_in_the_message(self):
        assert body("wecom", "@message", message=TEXT | {"toparty": "1|2", "totag": "3"})["toparty"] == "1|2"

    @pytest.mark.parametrize(
        ("to", "changes", "words"),
        [
            ("li", {"touser": "wang"}, ".message: has an audience of its own; write 'to': '@message'"),
            ("@message", {}, ".message: give touser, toparty or totag"),
            ("@message", {"toparty": "|".join("1" * 101)}, ".message.toparty: 101 ids; the platform takes 100"),
            ("li", {"agentid": 7}, ".message.agentid: is not the account's agent_id; leave it out"),
            (
                "li",
                {"text": {"content": "字" * 683}},
                ".message.text.content: 2049 bytes of UTF-8; the platform takes 2048",
            ),
            (
                "li",
                {
                    "msgtype": "news",
                    "news": {"articles": [{"title": "t"}, {"title": "t", "description": "字" * 171}]},
                    "text": UNSET,
                },
                ".message.news.articles[1].description: 513 bytes of UTF-8; the platform takes 512",
            ),
            (
                "li",
                {"msgtype": "video", "video": {"media_id": "M", "title": "字" * 43}, "text": UNSET},
                ".message.video.title: 129 bytes of UTF-8; the platform takes 128",
            ),
            ("li", {"msgtype": "template_card", "template_card": {}, "text": None}, ".message.text: unknown field"),
        ],
    )
    def test_what_would_not_be_delivered_whole_is_refused(self, to, changes, words):
        message = {name: value for name, value in (TEXT | changes).items() if value is not UNSET}
        assert words in refusal("wecom", to, message=message)

    def test_a_card_of_no_known_kind_is_refused(self):
        assert ".message.template_card.card_type: expected one of text_notice" in refusal(
            "wecom", "li", message=CARD | {"template_card": {"card_type": "postcard"}}
        )


class TestWebhook:
    def test_it_takes_whatever_object_its_receiver_understands(self):
        message = {"text": "\u84dd", "sms": {"to": ["+4912345"], "urgent": True, "cost": 0.5}}
        assert body("webhook", message=message) == {"message": message}
        assert "蓝".encode() in body_for(item("webhook", message=message), CITY)

    def test_a_picture_goes_along_as_its_link(self):
        pictured = item("webhook", message={}, image={"url": "http://10.0.0.5/1.jpg"})
        link = "https://city.test/pictures/x"
        assert json.loads(body_for(pictured, CITY, link)) == {"message": {}, "image": link}
        with pytest.raises(RejectedPushError, match=r"^\.image: webhook shows a picture by a link, which needs "):
            body_for(pictured, CITY)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, ".message: required for channel webhook"),
            ({"message": {}, "template_id": "T"}, ".template_id: is for templates; webhook takes message"),
            ({"message": {}, "url": "https://city.test"}, ".url: is for templates; webhook takes message"),
            ({"message": ["text"]}, ".message: is not a JSON object in UTF-8"),
            ({"message": {"text": "x" * 16_400}}, ".message: 16423 bytes are sent; at most 16384"),
        ],
    )
    def test_and_refuses_what_is_none(self, fields, words):
        assert words in refusal("webhook", **fields)

    def test_an_account_without_a_receiver_has_no_such_channel(self):
        with pytest.raises(RejectedPushError, match="'webhook' is no channel of an account without "):
            body_for(item("webhook", message={}), OFFICIAL)
