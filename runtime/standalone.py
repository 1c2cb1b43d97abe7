"""One process of a role by itself, with its own `/metrics`."""

from collections.abc import Callable

import trio

from runtime.configuration.settings import Settings
from runtime.notifier import Notifier
from runtime.port import Port
from runtime.roles import run_role
from runtime.telemetry.metrics_service import serve_metrics
from runtime.termination import drain_on_signal


async def run_alone(role: str, settings: Settings, announce: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT; `announce` is given a gateway's `ready` line.

    Raises:
        CommandError: It cannot start.
    """
    drain = trio.Event()
    notifier = Notifier()
    port = Port("server.bind", settings.server.bind) if role == "gateway" else None
    async with trio.open_nursery() as nursery:
        await nursery.start(drain_on_signal, drain)
        nursery.start_soon(notifier.watch)
        nursery.start_soon(_say_when_draining, drain, notifier)
        if settings.metrics.bind:
            metrics = Port("metrics.bind", settings.metrics.bind)
            metrics.listen()
            await nursery.start(serve_metrics, settings, None, metrics.socket)
        async with trio.open_nursery() as running:
            await running.start(run_role, role, settings, drain, port and port.socket)
            status = f"{role} ready"
            if port:
                status = f"{role} at {port.url(tls=bool(settings.server.tls))}"
                announce(f"ready: {port.url(tls=bool(settings.server.tls))}")
            notifier.ready(status)
        nursery.cancel_scope.cancel()


async def _say_when_draining(drain: trio.Event, notifier: Notifier) -> None:
    await drain.wait()
    notifier.stopping()
