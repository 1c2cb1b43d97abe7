"""What stays up for the benchmarks of pushes: a platform, a store and a gateway, all on the second core."""

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import trio

from loadtests.bench.platform_process import PlatformProcess, platform_process
from loadtests.bench.programs import RUN, Program, ProgramError, cores
from loadtests.bench.store_process import StoreProcess, store_process
from loadtests.bench.tidegate_processes import Setup, ready_port, tidegate
from loadtests.generators.campaign import CampaignOptions, run_campaign
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY

LATENCY_MS = 50
"""Of the platform's answers."""


class PushStand:
    """Pushers come and go; the rest is there until `stack` is left."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        second = cores()[1]
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.platform: PlatformProcess = stack.enter_context(platform_process(folder, LATENCY_MS, second))
        self.store: StoreProcess = stack.enter_context(store_process(folder, "store-tidegate", "always", second))
        gateway = stack.enter_context(tidegate("gateway", self._setup(200), core=second, folder=folder))
        self.gateway = f"http://127.0.0.1:{ready_port(gateway)}"

    def enqueue(self, count: int, batch: int = 500) -> None:
        """Queue so many pushes over HTTP. Raises ProgramError if they are not all taken."""
        options = CampaignOptions(url=self.gateway, key=UPSTREAM_KEY, account=ACCOUNT, count=count, batch=batch)
        ledger = trio.run(run_campaign, options)
        if sum(row.acked for row in ledger.rows) != count:
            raise ProgramError("the gateway did not take all pushes")

    def pusher(self, in_flight: int, run: Path = RUN) -> AbstractContextManager[Program]:
        """A fresh pusher, on the first core."""
        return tidegate("pusher", self._setup(in_flight, run), core=cores()[0], folder=self.folder)

    def _setup(self, in_flight: int, run: Path = RUN) -> Setup:
        store = f'url = "{self.store.url}"'
        return Setup(store=store, in_flight=in_flight, api_base=self.platform.url, run=run)
