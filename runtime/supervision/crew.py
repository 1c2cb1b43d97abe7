"""All workers of one machine: who is there, and how they are replaced."""

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import trio

from runtime.configuration.settings import Settings
from runtime.errors import CommandError
from runtime.supervision.keeper import Keeper
from runtime.supervision.worker_channel import Assignment

# Beyond drain_seconds: settling what was drained, and the interpreter's own end.
_GRACE_MARGIN_SECONDS = 3.0
_READY_SECONDS = 30.0


class Crew:
    """The keepers, one a worker; all run in the nursery given."""

    def __init__(self, nursery: trio.Nursery, metrics: Path) -> None:
        self.keepers: list[Keeper] = []
        self._nursery = nursery
        self._metrics = metrics

    async def start(self, role: str, settings: Settings, listener: socket.socket) -> None:
        """Start every worker of a role that the settings ask for, all at once; return when all are ready.

        Gateways accept from `listener`, all of them, and those that are started again later.

        Raises:
            ConfigurationError: A worker found that the configuration is wrong.
        """
        async with trio.open_nursery() as starting:
            for wanted in _roles(settings):
                if wanted == role:
                    starting.start_soon(self._nursery.start, self._hire(role, settings, listener).run)

    async def replace(self, settings: Settings, listener: socket.socket) -> None:
        """Start new workers, one after the other, and drain the old ones once all of those are ready.

        Raises:
            CommandError: A new worker did not become ready. All new ones are gone then, and the old ones go on.
        """
        old, new = list(self.keepers), list[Keeper]()
        try:
            for role in _roles(settings):
                new.append(self._hire(role, settings, listener))
                with trio.fail_after(_READY_SECONDS):
                    await self._nursery.start(new[-1].run)
        except (CommandError, trio.TooSlowError) as error:
            await self._dismiss(new)
            raise CommandError(str(error) or "a new worker was not ready in time") from error
        await self._dismiss(old)

    async def stop(self) -> None:
        """Drain all workers at once; return when all have ended."""
        await self._dismiss(list(self.keepers))

    def _hire(self, role: str, settings: Settings, listener: socket.socket) -> Keeper:
        taken = {keeper.assignment.slot for keeper in self.keepers}
        slot = next(slot for index in range(len(taken) + 1) if (slot := f"{role}-{index}") not in taken)
        assignment = Assignment(role=role, slot=slot, metrics=str(self._metrics), settings=settings)
        grace_seconds = settings.server.drain_seconds + _GRACE_MARGIN_SECONDS
        keeper = Keeper(assignment, grace_seconds, listener if role == "gateway" else None)
        self.keepers.append(keeper)
        return keeper

    async def _dismiss(self, leaving: Sequence[Keeper]) -> None:
        async with trio.open_nursery() as stopping:
            for keeper in leaving:
                stopping.start_soon(keeper.stop)
        for keeper in leaving:
            self.keepers.remove(keeper)


def _roles(settings: Settings) -> Iterator[str]:
    yield from ["gateway"] * settings.server.processes
    yield from ["pusher"] * settings.pushers.processes
