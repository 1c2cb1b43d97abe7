"""The test stand: a simulated platform and a whole `serve`, as real processes on loopback.

How it works: the simulator starts first (`serve` must know its address), `serve` second, and then the simulator is told
where callbacks go. Everything lives in one temporary folder and ends with the stand.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import trio
from msgspec import Struct

from loadtests.options import SimulatorOptions

RUN = Path(__file__).parent.parent / "run.py"
ACCOUNT = "demo"
UPSTREAM_KEY = "demo-upstream-key"
READY_SECONDS = 20.0
STOP_SECONDS = 20.0

_CONFIGURATION = """\
[server]
bind = "127.0.0.1:0"
processes = {gateways}

[store]
data_dir = "{folder}/data"

[pushers]
processes = {pushers}
claim_seconds = {claim_seconds}
send_seconds = {send_seconds}

[metrics]
bind = "127.0.0.1:0"

[[accounts]]
name = "{account}"
app_id = "{app_id}"
app_secret = "{app_secret}"
token = "{token}"
aes_key = "{aes_key}"
original_id = "{original_id}"
api_base = "{api_base}"

[accounts.limits.template]
per_second = {per_second}
per_day = 1000000

[[upstreams]]
name = "{account}"
key = "{key}"
"""


class StandOptions(Struct, frozen=True, kw_only=True):
    """What to start; `per_second` is the account's limit on template messages."""

    platform: SimulatorOptions
    gateways: int = 1
    pushers: int = 1
    per_second: int = 2_000
    claim_seconds: float = 10.0
    send_seconds: float = 5.0


class Stand(Struct, frozen=True, kw_only=True):
    """A running stand. `platform_url` and `gateway_url` are `http://HOST:PORT`, `store_url` as in `[store] url`."""

    platform_url: str
    gateway_url: str
    store_url: str
    serve_pid: int
    log: Path

    @property
    def callback_url(self) -> str:
        return f"{self.gateway_url}/callback/{ACCOUNT}"


class StandError(Exception):
    """A process did not start; says which and the last it wrote."""


@asynccontextmanager
async def open_stand(options: StandOptions) -> AsyncIterator[Stand]:
    """Start everything, and stop it at the end.

    Raises:
        StandError: a process did not get ready in time.
    """
    platform = options.platform
    with tempfile.TemporaryDirectory(prefix="tidegate-") as name:
        folder = Path(name)
        flags = [f"--{field.replace('_', '-')}={value}" for field, value in _flags(platform)]
        async with _process(folder, "platform", ["simulate", "--bind=127.0.0.1:0", *flags]) as (_, platform_url):
            configuration = folder / "tidegate.toml"
            configuration.write_text(
                _CONFIGURATION.format(
                    folder=folder,
                    account=ACCOUNT,
                    key=UPSTREAM_KEY,
                    gateways=options.gateways,
                    pushers=options.pushers,
                    per_second=options.per_second,
                    claim_seconds=options.claim_seconds,
                    send_seconds=options.send_seconds,
                    app_id=platform.app_id,
                    app_secret=platform.app_secret,
                    token=platform.token,
                    aes_key=platform.aes_key,
                    original_id=platform.original_id,
                    api_base=platform_url,
                )
            )
            async with _process(folder, "serve", ["serve", f"--config={configuration}"]) as (pid, gateway_url):
                stand = Stand(
                    platform_url=platform_url,
                    gateway_url=gateway_url,
                    store_url=f"unix://{folder}/data/store.sock",
                    serve_pid=pid,
                    log=folder / "serve.log",
                )
                await trio.to_thread.run_sync(_point_callbacks, platform_url, stand.callback_url)
                yield stand


def _flags(options: SimulatorOptions) -> Sequence[tuple[str, object]]:
    """The simulator's options that differ from its defaults and are plain values."""
    defaults = SimulatorOptions()
    pairs = [(name, getattr(options, name)) for name in options.__struct_fields__ if name not in {"bind", "faults"}]
    plain = [(name, value) for name, value in pairs if value != getattr(defaults, name)]
    return [*plain, *(("faults", f"{name}={rate}") for name, rate in options.faults.items())]


@asynccontextmanager
async def _process(folder: Path, name: str, arguments: list[str]) -> AsyncIterator[tuple[int, str]]:
    """Run a command of ours until the end of the block; its pid and the address of its `ready:` line."""
    log = folder / f"{name}.log"
    command = [sys.executable, str(RUN), *arguments]
    async with trio.open_nursery() as nursery:
        with log.open("wb") as stderr:
            start = partial(trio.run_process, command, stdout=subprocess.PIPE, stderr=stderr, check=False)
            process: trio.Process = await nursery.start(partial(start, deliver_cancel=_stop))
        with trio.move_on_after(READY_SECONDS):
            line = await _ready_line(process)
        if not line:
            nursery.cancel_scope.cancel()
            raise StandError(f"{name} did not get ready: {log.read_text()[-500:].strip()}")
        yield process.pid, line
        nursery.cancel_scope.cancel()


async def _ready_line(process: trio.Process) -> str:
    assert process.stdout is not None  # noqa: S101 – it is a pipe, as asked for above
    received = b""
    async for some in process.stdout:
        received += some
        if b"\n" in received:
            break
    return received.decode().partition("ready: ")[2].strip()


async def _stop(process: trio.Process) -> None:
    process.terminate()
    with trio.move_on_after(STOP_SECONDS):
        await process.wait()
    process.kill()


def _point_callbacks(platform_url: str, callback_url: str) -> None:
    connection = HTTPConnection(urlsplit(platform_url).netloc, timeout=READY_SECONDS)
    try:
        connection.request("POST", "/_sim/callback_url", body=json.dumps({"url": callback_url}))
        answer = connection.getresponse()
        if answer.status != 200:  # noqa: PLR2004 – OK
            raise StandError(f"the platform refused the callback url: {answer.read()!r}")
    finally:
        connection.close()
