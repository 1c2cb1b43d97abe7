"""Watches what no ledger has: the workers' memory, and how often the store was connected to."""

import trio
from redis import RedisError

from loadtests.chaos.scene import Scene
from loadtests.stand.workers import resident_megabytes, workers

SAMPLE_SECONDS = 0.2


class Watch:
    """Samples while `run` runs."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.peak_megabytes = 0.0
        """The most that one worker occupied."""
        self._before: tuple[str, int] | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Sample until cancelled; started once the counts before the load are known."""
        self._before = await self._connections()
        task_status.started()
        while True:
            for pid in workers(self._scene.stand.serve_pid).values():
                self.peak_megabytes = max(self.peak_megabytes, resident_megabytes(pid))
            await trio.sleep(SAMPLE_SECONDS)

    async def store_connections(self) -> float | None:
        """Connections the store took since `run` began; None if it was started anew or is not there."""
        now, before = await self._connections(), self._before
        return float(now[1] - before[1]) if now and before and now[0] == before[0] else None

    async def _connections(self) -> tuple[str, int] | None:
        """Which life of the store it is, and how many connections it took in that; a store of one server's."""
        if self._scene.stand.group is not None:
            return None
        try:
            server = await trio.to_thread.run_sync(self._scene.client.info, "server")
            stats = await trio.to_thread.run_sync(self._scene.client.info, "stats")
        except (RedisError, OSError):
            return None
        return server["run_id"], int(stats["total_connections_received"])
