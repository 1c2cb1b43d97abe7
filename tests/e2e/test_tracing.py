"""One trace from an upstream's request to the platform's receipt, over real processes."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import trio

from loadtests.platform.options import SimulatorOptions
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY
from loadtests.stand.stand import open_stand
from tests.monitoring.collector import collecting

pytestmark = pytest.mark.e2e

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PUSH = {"account": ACCOUNT, "to": "oPush0001" + "0" * 19, "template_id": "T", "data": {"thing1": "x"}}


def enqueue(url: str, traceparent: str) -> str:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    headers = {"Authorization": f"Bearer {UPSTREAM_KEY}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/pushes", json.dumps({"pushes": [PUSH]}), headers | {"traceparent": traceparent})
    answer = json.load(connection.getresponse())
    connection.close()
    return answer["results"][0]["id"]


async def test_one_trace_from_the_request_over_the_queue_to_the_send_and_the_receipt(monkeypatch):
    with collecting() as collector:
        monkeypatch.setenv("TIDEGATE_TRACING__ENDPOINT", collector.url)
        monkeypatch.setenv("TIDEGATE_TRACING__SAMPLE", "0")  # the caller's word goes before the share
        async with open_stand(SimulatorOptions()) as stand:
            push_id = await trio.to_thread.run_sync(enqueue, stand.gateway_url, CALLER)
            await trio.to_thread.run_sync(enqueue, stand.gateway_url, CALLER[:-1] + "0")
            request, waits, send, receipt = await collector.until_named(
                "enqueue pushes", "push waits", "send push", "receipt"
            )
        assert {span.trace for span in collector.spans} == {"0af7651916cd43dd8448eb211c80319c"}
        assert request.parent == "b7ad6b7169203331"
        assert {span.parent for span in (waits, send, receipt)} == {request.id}
        assert {span.attributes["tidegate.push_id"] for span in (waits, send, receipt)} == {push_id}
        assert (request.service, send.service) == ("tidegate-gateway", "tidegate-pusher")
        assert request.began <= waits.ended <= send.began + 0.001 <= send.ended + 0.001
        assert send.attributes["tidegate.verdict"] == "sent"
        assert receipt.attributes["tidegate.state"] == "delivered"
        assert len(collector.named("send push")) == 1
        assert PUSH["to"] not in repr(collector.spans)
