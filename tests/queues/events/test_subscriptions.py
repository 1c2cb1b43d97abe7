import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.events.subscriptions import MOST, Choice, SentNotice, read_choices, read_sent

POPUP = """<xml>
  <ToUserName><![CDATA[gh_0a1b2c3d4e5f]]></ToUserName>
  <Event><![CDATA[subscribe_msg_popup_event]]></Event>
  <SubscribeMsgPopupEvent>
    <List>
      <TemplateId><![CDATA[TPL-aaaa]]></TemplateId>
      <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>
      <PopupScene>2</PopupScene>
    </List>
    <List>
      <TemplateId><![CDATA[TPL-bbbb]]></TemplateId>
      <SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString>
      <PopupScene>2</PopupScene>
    </List>
  </SubscribeMsgPopupEvent>
</xml>"""
ACCEPT, REJECT = Choice("TPL-aaaa", accepted=True), Choice("TPL-bbbb", accepted=False)
A, B = (
    '{"TemplateId":"TPL-aaaa","SubscribeStatusString":"accept","PopupScene":"0"}',
    '{"TemplateId":"TPL-bbbb","SubscribeStatusString":"reject","PopupScene":"0"}',
)


@pytest.mark.parametrize(
    ("body", "choices"),
    [
        (POPUP, [ACCEPT, REJECT]),
        (f'{{"Event":"subscribe_msg_popup_event","List":[{A},{B}]}}', [ACCEPT, REJECT]),
        (f'{{"Event":"subscribe_msg_popup_event","List":{A}}}', [ACCEPT]),  # a single one is not in an array
        (f'{{"SubscribeMsgChangeEvent":{{"List":[{B}]}}}}', [REJECT]),
        ("<xml><List><TemplateId>T</TemplateId><SubscribeStatusString>?</SubscribeStatusString></List></xml>", []),
        ("<xml/>", []),
        ("{}", []),
        ('{"List":[1,null,"x"]}', []),
        ("{", []),
    ],
)
def test_the_choices_of_an_event(body, choices):
    assert read_choices(body.encode()) == choices


@pytest.mark.parametrize(
    "body",
    [
        "<xml><SubscribeMsgSentEvent><List><MsgID>1988810812324364291</MsgID><ErrorCode>0</ErrorCode></List></SubscribeMsgSentEvent></xml>",
        '{"List":{"TemplateId":"T","MsgID":1988810812324364291,"ErrorCode":0,"ErrorStatus":"success"}}',
        '{"List":[{"TemplateId":"T","MsgID":"1988810812324364291","ErrorCode":"0","ErrorStatus":"success"}]}',
    ],
)
def test_the_receipts_of_an_event(body):
    assert read_sent(body.encode()) == [SentNotice("1988810812324364291", "success")]


def test_half_of_a_character_does_not_come_between_an_event_and_the_store():
    """A nickname or a reason that was cut off; the store takes UTF-8, which cannot say it."""
    sent = rb'{"List":{"MsgID":"7","ErrorCode":"10","ErrorStatus":"no \ud83d"}}'
    assert read_sent(sent) == [SentNotice("7", "failed: no ?")]
    choice = rb'{"List":{"TemplateId":"\udc00","SubscribeStatusString":"accept"}}'
    assert read_choices(choice) == [Choice("?", accepted=True)]


def test_an_event_that_lists_without_end_is_read_up_to_a_bound():
    one = "<List><TemplateId>T</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List>"
    assert len(read_choices((f"<xml>{one * 1000}</xml>").encode())) == MOST


def test_a_list_that_does_not_end_is_none_and_lends_nothing_to_the_next():
    begun = "<List><SubscribeStatusString>accept</SubscribeStatusString>"
    one = "<List><TemplateId>TPL-bbbb</TemplateId></List>"
    assert read_choices(f"<xml>{begun}{one}{begun * 1000}</xml>".encode()) == []


@given(st.binary() | st.text(alphabet='{}[]":,<>/ListTemplateId1').map(str.encode))
def test_no_body_makes_it_fail(body):
    assert isinstance(read_choices(body) + read_sent(body), list)
