"""OpenTelemetry: spans over OTLP/HTTP. The only module that imports it, and imported only where tracing is configured.

How it works: spans are put into a bounded queue, and a thread of the library's sends them in batches; where the
collector is slow or gone the oldest are dropped, and nobody waits. A trace is sampled where it begins: at the caller's
word if it sent one, else for the share that is configured. A trace that is not sampled leaves nothing in the store.
"""

import logging
import time
from collections.abc import Mapping
from typing import Final

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from monitoring.line_budget import LineBudget
from monitoring.settings import TracingSettings
from monitoring.traces import Attributes, Kind

QUEUE: Final = 4096
"""Spans that wait for the collector; about 1 KiB each."""
BATCH: Final = 512
EVERY_MILLISECONDS: Final = 1000
EXPORT_SECONDS: Final = 5.0
_COMPLAINTS_PER_SECOND: Final = 0.1
_NANOSECONDS: Final = 1_000_000_000

_KINDS: Final[Mapping[Kind, SpanKind]] = {
    "server": SpanKind.SERVER,
    "wait": SpanKind.INTERNAL,
    "send": SpanKind.CLIENT,
    "receive": SpanKind.CONSUMER,
}
_PROPAGATOR: Final = TraceContextTextMapPropagator()


class OpenSpan:
    """See `monitoring.traces.Span`."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        context = span.get_span_context()
        sampled = context.trace_flags.sampled
        self.carrier = f"00-{context.trace_id:032x}-{context.span_id:016x}-01" if sampled else ""

    def end(self, attributes: Attributes, *, failed: bool = False) -> None:
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class Tracing:
    """See `monitoring.traces.Traces`; starts the thread that exports."""

    def __init__(self, settings: TracingSettings, role: str, version: str) -> None:
        _listen_to_the_library()
        exporter = OTLPSpanExporter(settings.endpoint, timeout=EXPORT_SECONDS)
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.sample)),
            resource=Resource.create(
                {"service.namespace": "tidegate", "service.name": f"tidegate-{role}", "service.version": version}
            ),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=QUEUE,
                max_export_batch_size=BATCH,
                schedule_delay_millis=EVERY_MILLISECONDS,
            )
        )
        self._tracer = self._provider.get_tracer("tidegate", version)

    def begin(self, name: str, traceparent: str) -> OpenSpan:
        parent = _PROPAGATOR.extract({"traceparent": traceparent})
        return OpenSpan(self._tracer.start_span(name, parent, SpanKind.SERVER))

    def record(
        self, carrier: str, name: str, kind: Kind, began: float, ended: float, attributes: Attributes, *, failed: bool
    ) -> None:
        parent = _PROPAGATOR.extract({"traceparent": carrier})
        span = self._tracer.start_span(
            name, parent, _KINDS[kind], attributes=attributes, start_time=int(began * _NANOSECONDS)
        )
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(int(ended * _NANOSECONDS))

    def close(self) -> None:
        """Send what is left; waits for the collector, so the caller sets a time limit."""
        self._provider.shutdown()


class _Complaints(logging.Handler):
    """Passes on what the library complains of: seldom, since a collector that is gone concerns every batch."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._budget = LineBudget(_COMPLAINTS_PER_SECOND)
        self._log = structlog.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        if self._budget.admits(time.monotonic()):
            # Not the message: it may quote the endpoint, which may hold a password, and the collector's answer.
            self._log.warning(
                "spans are not exported", where=record.name, what=record.msg, left_out=self._budget.take_left_out()
            )


def _listen_to_the_library() -> None:
    library = logging.getLogger("opentelemetry")
    library.handlers = [_Complaints()]
    library.propagate = False
