"""What the platform reports can wait for what people do."""

import pytest

from gateway.admission import Rank
from gateway.callbacks.event_rank import rank_of
from tests.queues.makers import event


@pytest.mark.parametrize("name", ["templatesendjobfinish", "masssendjobfinish", "subscribe_msg_sent_event"])
def test_reports_on_what_we_sent_are_receipts(name: str):
    assert rank_of(event(name=name)) is Rank.RECEIPT


@pytest.mark.parametrize("name", ["subscribe", "unsubscribe", "scan", "click", "view", "something_new"])
def test_what_people_do_is_theirs_and_so_is_what_we_do_not_know(name: str):
    assert rank_of(event(name=name)) is Rank.USER


def test_a_message_is_a_persons():
    assert rank_of(event(name="")) is Rank.USER
