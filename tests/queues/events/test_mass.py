"""The receipt of a mass message: its verdict and its counts, in XML and in JSON."""

import pytest

from queues.events.mass import told_by_mass
from queues.events.reader import read_events
from queues.events.settler import settle_events
from queues.push import AUDIENCE_IN_MESSAGE
from queues.pushes.appender import PushAppender
from queues.pushes.jobs import read_push
from queues.pushes.settler import settle
from tests.queues.makers import ACCOUNT, event, outcome, push
from tests.queues.steps import take
from tests.queues.waiting_appender import WaitingAppender

XML = (
    b"<xml><TotalCount>100</TotalCount><FilterCount>80</FilterCount><SentCount>75</SentCount>"
    b"<ErrorCount>5</ErrorCount><ArticleUrlResult><Count>0</Count></ArticleUrlResult></xml>"
)
JSON = b'{"TotalCount":"100","FilterCount":80,"SentCount":"75","ErrorCount":"5","ArticleUrlResult":{"Count":"0"}}'
COUNTS = '{"total":100,"filtered":80,"sent":75,"failed":5}'


@pytest.mark.parametrize("body", [XML, JSON])
def test_the_counts_follow_the_verdict(body):
    assert told_by_mass("send success", body) == f"success\n{COUNTS}"
    assert told_by_mass("err(10001)", body) == f"err(10001)\n{COUNTS}"


@pytest.mark.parametrize(
    "body",
    [
        b"<xml/>",
        b"{}",
        b"{",
        b'{"TotalCount":[]}',
        b'{"TotalCount":-1}',
        pytest.param(b'{"TotalCount":"%s"}' % (b"9" * 5000), id="more digits than Python reads"),
    ],
)
def test_a_receipt_without_counts_is_a_verdict_alone(body):
    assert told_by_mass("send fail", body) == "send fail"


@pytest.mark.parametrize("overtaking", [False, True])
async def test_it_finds_its_push_though_it_names_nobody_the_push_went_to(store, nursery, overtaking):
    pushes, events = PushAppender(store), WaitingAppender(store)
    await nursery.start(pushes.run)
    await nursery.start(events.run)
    shard = store.shard_of(ACCOUNT, AUDIENCE_IN_MESSAGE)
    [accepted] = await pushes.append([push(AUDIENCE_IN_MESSAGE, channel="mass")])
    [claim] = (await take(store, f"{ACCOUNT}:mass", {shard: 1}, 10)).claims
    receipt = event(
        1, recipient="oMASSHELPER", name="masssendjobfinish", msgid="34182", status="send success", body=XML
    )
    if not overtaking:
        await settle(store, [outcome(claim, "sent", msgid="34182")], 60)
    await events.append(receipt)
    await settle_events(store, shard, await read_events(store, shard, "me", 10))
    if overtaking:
        assert await settle(store, [outcome(claim, "sent", msgid="34182")], 60) == ["delivered"]
    status = await read_push(store, accepted.id)
    assert status is not None
    assert (status.state, status.detail.decode()) == ("delivered", COUNTS)
