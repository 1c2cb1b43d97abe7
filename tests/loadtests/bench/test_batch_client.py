"""The batches of S5 and S8."""

import json

from loadtests.bench.batch_client import batches


def test_every_push_is_to_somebody_else():
    requests = [json.loads(request)["pushes"] for request in batches(100, 25)]
    assert [len(pushes) for pushes in requests] == [25] * 4
    assert len({push["to"] for pushes in requests for push in pushes}) == 100


def test_what_goes_to_the_platform_has_about_300_bytes():
    [[item]] = [json.loads(request)["pushes"] for request in batches(1, 1)]
    body = {"template_id": item["template_id"], "data": {k: {"value": v} for k, v in item["data"].items()}}
    body["url"] = item["url"]
    assert 290 <= len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) <= 310
