"""All workers of one machine: who is there, and how they are replaced."""

import socket
from collections.abc import Iterator
from pathlib import Path

import trio

from runtime.configuration.settings import Settings
from runtime.errors import CommandError
from runtime.supervision.keeper import Keeper
from runtime.supervision.worker_channel import Assignment

# Beyond drain_seconds: settling what was drained, and the interpreter's own end.
_GRACE_MARGIN_SECONDS = 3.0
_REPLACE_SECONDS = 30.0


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
        """Put a new worker in the place of each, one after the other: the old one drains once the new one is ready.

        Raises:
            CommandError: A new worker did not become ready; it is gone, and those not yet replaced go on as they were.
        """
        leaving = list(self.keepers)
        for role in _roles(settings):
            keeper = self._hire(role, settings, listener)
            try:
                with trio.fail_after(_REPLACE_SECONDS):
                    await self._nursery.start(keeper.run)
            except (CommandError, trio.TooSlowError) as error:
                self.keepers.remove(keeper)
                raise CommandError(str(error) or "a new worker was not ready in time") from error
            old = next((old for old in leaving if old.assignment.role == role), None)
            if old is not None:
                leaving.remove(old)
                await self._dismiss(old)
        for old in leaving:
            await self._dismiss(old)

    async def stop(self) -> None:
        """Drain all workers at once; return when all have ended."""
        async with trio.open_nursery() as stopping:
            for keeper in self.keepers:
                stopping.start_soon(keeper.stop)

    def _hire(self, role: str, settings: Settings, listener: socket.socket) -> Keeper:
        taken = {keeper.assignment.slot for keeper in self.keepers}
        slot = next(slot for index in range(len(taken) + 1) if (slot := f"{role}-{index}") not in taken)
        assignment = Assignment(role=role, slot=slot, metrics=str(self._metrics), settings=settings)
        grace_seconds = settings.server.drain_seconds + _GRACE_MARGIN_SECONDS
        keeper = Keeper(assignment, grace_seconds, listener if role == "gateway" else None)
        self.keepers.append(keeper)
        return keeper

    async def _dismiss(self, keeper: Keeper) -> None:
        await keeper.stop()
        self.keepers.remove(keeper)


def _roles(settings: Settings) -> Iterator[str]:
    yield from ["gateway"] * settings.server.processes
    yield from ["pusher"] * settings.pushers.processes
