"""Spans, as a collector receives them."""

import json

import pytest
import structlog
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from monitoring.logs import configure_logging
from monitoring.settings import TracingSettings
from monitoring.traces import trace_id
from monitoring.tracing import QUEUE, Tracing
from tests.monitoring.collector import Collector, collecting

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = CALLER[:-1] + "0"
FAR_AWAY = 1_777_593_600.0


@pytest.fixture
def collector():
    with collecting() as collector:
        yield collector


def tracing(collector: Collector, sample: float = 1.0) -> Tracing:
    return Tracing(TracingSettings(endpoint=collector.url, sample=sample), "gateway", "1.2.3")


def test_a_request_goes_on_with_its_callers_trace(collector):
    traces = tracing(collector)
    traces.begin("enqueue pushes", CALLER).end({"http.response.status_code": 202})
    traces.close()
    [span] = collector.spans
    assert (span.trace, span.parent) == (trace_id(CALLER), CALLER[36:52])
    assert (span.name, span.service, span.kind) == ("enqueue pushes", "tidegate-gateway", Span.SPAN_KIND_SERVER)
    assert span.attributes == {"http.response.status_code": 202}
    assert not span.failed


def test_what_comes_later_stands_under_the_request_at_its_own_times(collector):
    traces = tracing(collector)
    request = traces.begin("enqueue pushes", "")
    request.end({})
    attributes = {"tidegate.verdict": "retry"}
    traces.record(request.carrier, "send push", "send", FAR_AWAY, FAR_AWAY + 0.25, attributes, failed=True)
    traces.close()
    root, send = collector.spans
    assert (send.trace, send.parent) == (root.trace, root.id)
    assert (send.began, send.ended) == pytest.approx((FAR_AWAY, FAR_AWAY + 0.25), rel=0, abs=1e-6)
    assert (send.kind, send.failed, send.attributes) == (Span.SPAN_KIND_CLIENT, True, attributes)


@pytest.mark.parametrize("traceparent", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", CALLER + "x" * 500])
def test_whatever_is_no_context_begins_a_new_trace(collector, traceparent):
    traces = tracing(collector)
    span = traces.begin("enqueue pushes", traceparent)
    span.end({})
    traces.close()
    assert collector.spans[0].parent == ""
    assert trace_id(span.carrier) == collector.spans[0].trace != trace_id(CALLER)


def test_the_share_decides_where_nobody_has_and_the_caller_where_it_has(collector):
    never, always = tracing(collector, sample=0.0), tracing(collector, sample=1.0)
    assert never.begin("a", "").carrier == ""
    assert always.begin("a", UNSAMPLED).carrier == ""
    assert never.begin("a", CALLER).carrier.startswith(CALLER[:36])
    never.close()
    always.close()


def test_a_collector_that_is_gone_makes_nobody_wait_and_is_complained_of_once(capsys, monkeypatch):
    monkeypatch.setattr("monitoring.tracing.EXPORT_SECONDS", 0.1)  # shorter than the library's first pause
    configure_logging("gateway")
    try:
        settings = TracingSettings(endpoint="http://user:hush@127.0.0.1:9/v1/traces", sample=1.0)
        traces = Tracing(settings, "gateway", "1.2.3")
        for _ in range(QUEUE + 1000):
            traces.begin("enqueue pushes", "").end({})
        traces.close()
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    err = capsys.readouterr().err
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["event"] for line in lines] == ["spans are not exported"]
    assert "hush" not in err
