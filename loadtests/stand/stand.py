"""The test stand: a simulated platform and a whole `serve`, as real processes on loopback.

How it works: the simulator starts first (`serve` must know its address), then a store of our own if one is asked for,
then `serve`, and at last the simulator is told where callbacks go. Everything lives in one temporary folder and ends
with the stand. `serve` keeps its port when it is started again.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import trio

from loadtests.platform.options import SimulatorOptions
from loadtests.stand.configuration import ACCOUNT, account_limits, account_tables, serve_tables
from loadtests.stand.faketime import faked_clock
from loadtests.stand.options import StandOptions
from loadtests.stand.ports import free_port
from loadtests.stand.process import StandError, StandProcess, ready_line
from loadtests.stand.simulator import simulator_flags, tell_platform
from loadtests.stand.store import StandStore, make_store
from loadtests.stand.store_group import StoreGroup, start_group
from loadtests.stand.tcp_proxy import TcpProxy

PROGRAM = (sys.executable, "-m", "runtime")

_USUAL = StandOptions()


class Stand:
    """A running stand. The urls are `http://HOST:PORT`; `store_url` leads to the store itself, for us."""

    def __init__(self, folder: Path, platform: SimulatorOptions, options: StandOptions, more: str) -> None:
        self.folder = folder
        self.platform = platform
        self.options = options
        self.data = folder / "data"
        self.platform_url = ""
        self.gateway_url = ""
        self.store: StandStore | None = None
        """Ours, if `serve` does not run one."""
        self.group: StoreGroup | None = None
        """Ours, if it is of several servers."""
        self.proxies: dict[str, TcpProxy] = {}
        self._more = more
        self._bind = f"127.0.0.1:{free_port()}"  # one that it can have again when it is started again
        flags = [f"--{field.replace('_', '-')}={value}" for field, value in simulator_flags(platform)]
        command = [*PROGRAM, "simulate", "--bind=127.0.0.1:0", *flags]
        self.simulator = StandProcess("the platform", command, folder / "platform.log", ready_line)
        self.serve = StandProcess(
            "serve",
            [*PROGRAM, "serve", f"--config={self.configuration}"],
            folder / "serve.log",
            ready_line,
            faked_clock(self.clock_file) if options.clock else None,
        )

    @property
    def configuration(self) -> Path:
        """The configuration file of `serve`."""
        return self.folder / "tidegate.toml"

    @property
    def log(self) -> Path:
        return self.serve.log

    @property
    def metrics_address(self) -> str:
        """HOST:PORT of `/metrics`, as `serve` logged it last; empty before that."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        exported = [line for line in lines if '"metrics are exported"' in line]
        return str(json.loads(exported[-1])["bind"]) if exported else ""

    @property
    def serve_pid(self) -> int:
        return self.serve.pid

    @property
    def store_pid(self) -> int:
        """The store's process; 0 while there is none, or where there are several."""
        if self.store is not None:
            return self.store.process.pid
        try:
            return int((self.data / "store.pid").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    @property
    def store_url(self) -> str:
        return self.group.url if self.group is not None else f"unix://{self.data}/store.sock"

    @property
    def callback_url(self) -> str:
        return f"{self.gateway_url}/callback/{ACCOUNT}"

    @property
    def clock_file(self) -> Path:
        """What the clock of `serve` goes by, if it has one of its own."""
        return self.folder / "clock"

    async def start_serve(self) -> None:
        """Start it, or start it again where it was. Raises StandError."""
        self._configure()
        self.gateway_url = await self.serve.start()

    def _configure(self) -> None:
        store = "embedded"
        if self.store is not None:
            store = f"redis://127.0.0.1:{self._port('store', self.store.port)}"
        elif self.group is not None:
            store = self.group.url
        api_base = f"http://127.0.0.1:{self._port('platform', urlsplit(self.platform_url).port)}"
        self.configuration.write_text(
            serve_tables(self.options, bind=self._bind, store=store, data=self.data)
            + account_tables(self.platform, api_base, account_limits(self.options))
            + self._more.format(platform=self.platform_url)
        )

    def _port(self, link: str, port: int | None) -> int | None:
        """Where `serve` finds that side: the link's proxy, if it has one."""
        return self.proxies[link].port if link in self.proxies else port


@asynccontextmanager
async def open_stand(
    platform: SimulatorOptions, options: StandOptions = _USUAL, more: str = ""
) -> AsyncIterator[Stand]:
    """Start everything, and stop it at the end.

    `more` is added to the configuration, with the platform's own address for `{platform}`.

    Raises:
        StandError: a process did not get ready in time.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidegate-")))
        stand = Stand(folder, platform, options, more)
        stand.data.mkdir(mode=0o700)
        if options.data_megabytes:
            await _mount(stack, stand.data, options.data_megabytes)
        links = await stack.enter_async_context(trio.open_nursery())
        stack.callback(links.cancel_scope.cancel)
        stack.push_async_callback(stand.simulator.end)
        stand.platform_url = await stand.simulator.start()
        if options.store == "external":
            stand.store = make_store(stand.data)
            stack.push_async_callback(stand.store.process.end)
            await stand.store.process.start()
        elif options.store != "embedded":
            stand.group = await start_group(options.store, stand.data)
            stack.push_async_callback(stand.group.end)
        ports = {"platform": urlsplit(stand.platform_url).port or 0, "store": stand.store.port if stand.store else 0}
        for name in options.proxied:
            stand.proxies[name] = TcpProxy("127.0.0.1", ports[name])
            await links.start(stand.proxies[name].run)
        stack.push_async_callback(stand.serve.end)
        await stand.start_serve()
        callback_url = {"url": stand.callback_url}
        await trio.to_thread.run_sync(tell_platform, stand.platform_url, "callback_url", callback_url)
        yield stand


async def _mount(stack: AsyncExitStack, folder: Path, megabytes: int) -> None:
    size = f"size={megabytes}m,mode=700"
    mounted = await trio.run_process(
        ["mount", "-t", "tmpfs", "-o", size, "tidegate", str(folder)], check=False, capture_stderr=True
    )
    if mounted.returncode:
        raise StandError(f"no small disk here: {mounted.stderr.decode().strip()}")
    stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=False)
