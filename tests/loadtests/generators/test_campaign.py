import json

import pytest

from loadtests.generators.campaign import MARKS, CampaignOptions, CampaignRefusedError, run_campaign
from loadtests.platform.http_server import Reply


class Gateway:
    """Takes pushes as `POST /v1/pushes` does, with trouble on demand: a reply instead, before or after taking."""

    def __init__(self, before=(), after=()):
        self.before = list(before)
        self.after = list(after)
        self.taken = {}
        self.titles = {}
        self.headers_ok = True

    def __call__(self, request):
        if self.before:
            return self.before.pop(0)
        results = []
        for push in json.loads(request.body)["pushes"]:
            key = push["idempotency_key"]
            self.titles[key.rpartition("-")[2]] = push["data"]["thing1"]
            status = "duplicate" if key in self.taken else "queued"
            push_id = self.taken.setdefault(key, f"0-{len(self.taken)}")
            results.append({"id": push_id, "status": status})
        if self.after:
            return self.after.pop(0)
        return Reply(status=202, body=json.dumps({"results": results}).encode(), content_type=b"application/json")


def options(address, **changes):
    arrangement = {"count": 230, "batch": 100, "connections": 2}
    return CampaignOptions(url=address, key="secret", account="a", **(arrangement | changes))


async def test_every_push_is_enqueued_and_its_id_kept(serving):
    gateway, progress = Gateway(), []
    async with serving(gateway) as address:
        ledger = await run_campaign(options(address), lambda done, acked: progress.append((done, acked)))
    assert ledger.acked == 230
    assert {row.key: row.id for row in ledger.rows} == gateway.taken
    assert {row.priority for row in ledger.rows} == {"high", "normal", "bulk"}
    assert progress[-1] == (230, 230)


@pytest.mark.parametrize("trouble", [Reply(how="close"), Reply(status=503), Reply(status=429)])
async def test_an_unknown_outcome_is_repeated_with_the_same_keys(serving, trouble, autojump_clock):
    gateway = Gateway(before=[trouble], after=[trouble])
    async with serving(gateway) as address:
        ledger = await run_campaign(options(address))
    assert ledger.acked == 230
    assert {row.key: row.id for row in ledger.rows} == gateway.taken
    assert "duplicate" in {row.status for row in ledger.rows}


async def test_at_a_pace_each_batch_waits_for_its_time(serving, autojump_clock):
    gateway = Gateway()
    async with serving(gateway) as address:
        ledger = await run_campaign(options(address, batch=10, per_second=10))
    begun = sorted({(row.batch, row.began) for row in ledger.rows})
    assert [began for _, began in begun] == pytest.approx(range(23), abs=0.1)


async def test_poison_is_spread_among_the_others_and_marked_by_turns(serving):
    gateway = Gateway()
    async with serving(gateway) as address:
        ledger = await run_campaign(options(address, count=200, poison=4))
    marked = {row.key.rpartition("-")[2]: row.poison for row in ledger.rows if row.poison}
    assert marked == {"0": "refused", "50": "unanswered", "100": "refused", "150": "unanswered"}
    assert {number: gateway.titles[number].removesuffix(f" {number}") for number in marked} == {
        "0": MARKS["refused"], "50": MARKS["unanswered"], "100": MARKS["refused"], "150": MARKS["unanswered"]
    }  # fmt: skip


async def test_a_batch_that_is_never_answered_is_not_acknowledged(serving, autojump_clock):
    async with serving(lambda _: Reply(status=503)) as address:
        ledger = await run_campaign(options(address))
    assert ledger.acked == 0
    assert {row.status for row in ledger.rows} == {"unanswered"}


async def test_a_rejected_item_is_kept_with_its_reason(serving):
    body = json.dumps({"results": [{"status": "rejected", "error": "no"}, {"id": "0-1", "status": "queued"}]}).encode()
    async with serving(lambda _: Reply(status=202, body=body)) as address:
        ledger = await run_campaign(options(address, count=2))
    assert [(row.status, row.error, row.acked) for row in ledger.rows] == [
        ("rejected", "no", False),
        ("queued", "", True),
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 413])
async def test_a_refusal_ends_the_campaign_with_the_answer(serving, status):
    async with serving(lambda _: Reply(status=status, body=b"why")) as address:
        with pytest.RaisesGroup(pytest.RaisesExc(CampaignRefusedError, match="why"), allow_unwrapped=False):
            await run_campaign(options(address, connections=1))
