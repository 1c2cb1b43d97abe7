"""Tracing, from the settings to the last span."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from monitoring.settings import TracingSettings
from monitoring.traces import Traces
from runtime.errors import ConfigurationError
from runtime.version import VERSION

CLOSE_SECONDS = 1.0
"""For the last spans; within what a worker has beyond its drain."""


@asynccontextmanager
async def open_traces(settings: TracingSettings, role: str) -> AsyncIterator[Traces | None]:
    """The traces of this process; None without an endpoint.

    Raises:
        ConfigurationError: OpenTelemetry is not installed.
    """
    if not settings.endpoint:
        yield None
        return
    try:
        from monitoring.tracing import Tracing  # noqa: PLC0415  takes a while, and is an extra
    except ImportError as error:
        raise ConfigurationError(
            f"tracing.endpoint: {error.name} is not installed; install tidegate[tracing], or leave it empty"
        ) from None
    tracing = Tracing(settings, role, VERSION)
    try:
        yield tracing
    finally:
        with trio.move_on_after(CLOSE_SECONDS, shield=True):
            await trio.to_thread.run_sync(tracing.close, abandon_on_cancel=True)
