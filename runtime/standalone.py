"""One process of a role by itself, with its own `/metrics`."""

from collections.abc import Callable

import trio

from runtime.configuration.addresses import web_address
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
    async with trio.open_nursery() as nursery:
        await nursery.start(drain_on_signal, drain)
        nursery.start_soon(notifier.watch)
        nursery.start_soon(_say_when_draining, drain, notifier)
        if settings.metrics.bind:
            metrics = Port("metrics.bind", settings.metrics.bind)
            metrics.listen()
            await nursery.start(serve_metrics, settings, None, metrics.socket)
        async with trio.open_nursery() as running:
            host, port = await running.start(run_role, role, settings, drain)
            if host:
                url = web_address(host, port, tls=bool(settings.server.tls))
                announce(f"ready: {url}")
                notifier.ready(f"{role} at {url}")
            else:
                notifier.ready(f"{role} ready")
        nursery.cancel_scope.cancel()


async def _say_when_draining(drain: trio.Event, notifier: Notifier) -> None:
    await drain.wait()
    notifier.stopping()
