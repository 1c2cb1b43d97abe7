"""Tracing, switched on and off."""

import subprocess
import sys

import pytest
import trio

from monitoring.settings import TracingSettings
from runtime.errors import ConfigurationError
from runtime.telemetry.tracing_service import CLOSE_SECONDS, open_traces
from tests.monitoring.collector import collecting
from tests.runtime.serving import ROOT


async def test_without_an_endpoint_there_are_no_traces():
    async with open_traces(TracingSettings(), "gateway") as traces:
        assert traces is None


async def test_the_last_spans_are_sent_at_the_end():
    with collecting() as collector:
        settings = TracingSettings(endpoint=collector.url, sample=1.0)
        async with open_traces(settings, "pusher") as traces:
            traces.begin("enqueue pushes", "").end({})
        assert [span.service for span in collector.spans] == ["tidegate-pusher"]


async def test_a_collector_that_hangs_is_not_waited_for(monkeypatch, autojump_clock):
    settings = TracingSettings(endpoint="http://127.0.0.1:9/v1/traces", sample=1.0)
    released = trio.Event()
    began = trio.current_time()
    with monkeypatch.context() as patched:
        patched.setattr("monitoring.tracing.Tracing.close", lambda _self: trio.from_thread.run(released.wait))
        async with open_traces(settings, "pusher"):
            pass
    released.set()
    assert trio.current_time() - began >= CLOSE_SECONDS


async def test_without_the_extra_the_configuration_is_wrong_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "monitoring.tracing", None)
    with pytest.raises(ConfigurationError, match=r"is not installed; install tidegate\[tracing\]"):
        async with open_traces(TracingSettings(endpoint="http://127.0.0.1:4318/v1/traces"), "gateway"):
            pass


@pytest.mark.e2e
def test_whoever_does_not_trace_does_not_import_it():
    program = (
        "import sys, gateway.server, pushers.worker, runtime.roles\n"
        # redis-py takes in OpenTelemetry's metrics wherever they are installed; spans are ours.
        "print(sorted({'monitoring.tracing', 'opentelemetry.sdk.trace', 'opentelemetry.exporter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
