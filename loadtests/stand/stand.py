"""The test stand: a simulated platform and a whole `serve`, as real processes on loopback.

How it works: the simulator starts first (`serve` must know its address), then a store of our own if one is asked for,
then `serve`, and at last the simulator is told where callbacks go. Everything lives in one temporary folder and ends
with the stand. `serve` keeps its port when it is started again.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode, urlsplit

import trio
from msgspec import Struct
from msgspec.structs import asdict

from loadtests.generators.campaign import TEMPLATE
from loadtests.platform.options import SimulatorOptions
from loadtests.stand.process import READY_SECONDS, StandError, StandProcess, ready_line
from loadtests.stand.store import StandStore, make_store
from loadtests.stand.store_group import StoreGroup, start_group
from loadtests.stand.tcp_proxy import TcpProxy

__all__ = ["ACCOUNT", "UPSTREAM_KEY", "Stand", "StandError", "StandOptions", "open_stand"]

StoreKind = Literal["embedded", "external", "sentinel", "cluster"]

PROGRAM = (sys.executable, "-m", "runtime")
ACCOUNT = "demo"
UPSTREAM_KEY = "demo-upstream-key"

_CONFIGURATION = """\
[server]
bind = "{bind}"
processes = {gateways}

[store]
url = "{store}"
data_dir = "{data}"
durability = "{durability}"

[pushers]
processes = {pushers}
claim_seconds = {claim_seconds}
send_seconds = {send_seconds}
max_attempts = {max_attempts}

[metrics]
bind = "127.0.0.1:0"

[logs]
level = "{level}"
lines_per_second = {lines_per_second}

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
per_day = {per_day}
{templates}
[[upstreams]]
name = "{account}"
key = "{key}"
"""


class StandOptions(Struct, frozen=True, kw_only=True):
    """What to start; `per_second` and `per_day` are the account's limit on template messages.

    `template_per_second` is what the campaigns' template may use of that; 0 is all.
    `store` is Tidegate's embedded one or one of ours: `external` is one server, `sentinel` a primary with two replicas,
    `cluster` three primaries with a replica each. `durability` is its setting, for one replica. `proxied` are the links
    that go through a proxy: `platform`, and `store` (external only). `data_megabytes` puts the store's files on a disk
    of that size (a tmpfs).
    `logs` of everything are those of each attempt, at debug.
    `more` is added to the configuration, with the platform's own address for `{platform}`.
    `clock` is a libfaketime to load into `serve` and all it starts; the clock is then moved by writing a file.
    """

    platform: SimulatorOptions
    gateways: int = 1
    pushers: int = 1
    per_second: int = 2_000
    per_day: int = 1_000_000
    template_per_second: float = 0
    max_attempts: int = 8
    claim_seconds: float = 10.0
    send_seconds: float = 5.0
    store: StoreKind = "embedded"
    durability: Literal["fsync", "replica"] = "fsync"
    proxied: tuple[Literal["platform", "store"], ...] = ()
    data_megabytes: int = 0
    clock: str = ""
    more: str = ""
    logs: Literal["usual", "everything"] = "usual"


class Stand:
    """A running stand. The urls are `http://HOST:PORT`; `store_url` leads to the store itself, for us."""

    def __init__(self, folder: Path, options: StandOptions) -> None:
        self.folder = folder
        self.options = options
        self.data = folder / "data"
        self.platform_url = ""
        self.gateway_url = ""
        self.store: StandStore | None = None
        """Ours, if `serve` does not run one."""
        self.group: StoreGroup | None = None
        """Ours, if it is of several servers."""
        self.proxies: dict[str, TcpProxy] = {}
        flags = [f"--{field.replace('_', '-')}={value}" for field, value in simulator_flags(options.platform)]
        command = [*PROGRAM, "simulate", "--bind=127.0.0.1:0", *flags]
        self.platform = StandProcess("the platform", command, folder / "platform.log", ready_line)
        self.serve = StandProcess(
            "serve",
            [*PROGRAM, "serve", f"--config={folder / 'tidegate.toml'}"],
            folder / "serve.log",
            ready_line,
            self._clock_environ(),
        )

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
        """What libfaketime reads: `+3600` is an hour ahead."""
        return self.folder / "clock"

    async def start_serve(self) -> None:
        """Start it, or start it again where it was. Raises StandError."""
        self._configure(urlsplit(self.gateway_url).netloc or "127.0.0.1:0")
        self.gateway_url = await self.serve.start()

    def _configure(self, bind: str) -> None:
        options = self.options
        platform, store = options.platform, "embedded"
        api_base = self.platform_url
        if self.store is not None:
            port = self.proxies["store"].port if "store" in self.proxies else self.store.port
            store = f"redis://127.0.0.1:{port}"
        elif self.group is not None:
            store = self.group.url
        if "platform" in self.proxies:
            api_base = f"http://127.0.0.1:{self.proxies['platform'].port}"
        (self.folder / "tidegate.toml").write_text(
            _CONFIGURATION.format(
                bind=bind,
                store=store,
                data=self.data,
                durability=options.durability,
                account=ACCOUNT,
                key=UPSTREAM_KEY,
                level="debug" if options.logs == "everything" else "info",
                lines_per_second=100_000 if options.logs == "everything" else 50,
                gateways=options.gateways,
                pushers=options.pushers,
                per_second=options.per_second,
                per_day=options.per_day,
                templates=_templates(options.template_per_second),
                max_attempts=options.max_attempts,
                claim_seconds=options.claim_seconds,
                send_seconds=options.send_seconds,
                app_id=platform.app_id,
                app_secret=platform.app_secret,
                token=platform.token,
                aes_key=platform.aes_key,
                original_id=platform.original_id,
                api_base=api_base,
            )
            + options.more.format(platform=self.platform_url)
        )

    def _clock_environ(self) -> Mapping[str, str]:
        if not self.options.clock:
            return {}
        self.clock_file.write_text("+0\n")
        return {
            "LD_PRELOAD": self.options.clock,
            "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a wall clock moves, durations do not
        }


@asynccontextmanager
async def open_stand(options: StandOptions) -> AsyncIterator[Stand]:
    """Start everything, and stop it at the end.

    Raises:
        StandError: a process did not get ready in time.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tidegate-")))
        stand = Stand(folder, options)
        stand.data.mkdir(mode=0o700)
        if options.data_megabytes:
            await _mount(stack, stand.data, options.data_megabytes)
        links = await stack.enter_async_context(trio.open_nursery())
        stack.callback(links.cancel_scope.cancel)
        stack.push_async_callback(stand.platform.end)
        stand.platform_url = await stand.platform.start()
        if options.store == "external":
            stand.store = make_store(stand.data)
            stack.push_async_callback(stand.store.process.end)
            await stand.store.process.start()
        elif options.store != "embedded":
            stand.group = await start_group(options.store, stand.data)
            stack.push_async_callback(stand.group.end)
        for name in options.proxied:
            port = urlsplit(stand.platform_url).port if name == "platform" else stand.store and stand.store.port
            if not port:
                raise StandError("the embedded store listens on a Unix socket, where there is nothing to proxy")
            stand.proxies[name] = TcpProxy("127.0.0.1", port)
            await links.start(stand.proxies[name].run)
        stack.push_async_callback(stand.serve.end)
        await stand.start_serve()
        await trio.to_thread.run_sync(_point_callbacks, stand.platform_url, stand.callback_url)
        yield stand


async def _mount(stack: AsyncExitStack, folder: Path, megabytes: int) -> None:
    size = f"size={megabytes}m,mode=700"
    mounted = await trio.run_process(
        ["mount", "-t", "tmpfs", "-o", size, "tidegate", str(folder)], check=False, capture_stderr=True
    )
    if mounted.returncode:
        raise StandError(f"no small disk here: {mounted.stderr.decode().strip()}")
    stack.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=False)


def _templates(per_second: float) -> str:
    return f"templates = {{ {TEMPLATE} = {{ per_second = {per_second} }} }}\n" if per_second else ""


def simulator_flags(options: SimulatorOptions) -> Sequence[tuple[str, object]]:
    """The options of one account that differ from the defaults: fields and values, those with several parts by part."""
    defaults = SimulatorOptions()
    others = {"bind", "faults", "fault_rules"}
    pairs = [(name, getattr(options, name)) for name in options.__struct_fields__ if name not in others]
    plain = [(name, value) for name, value in pairs if value != getattr(defaults, name)]
    rules = (",".join(f"{name}={value}" for name, value in asdict(rule).items()) for rule in options.fault_rules)
    return [
        *plain,
        *(("faults", f"{name}={rate}") for name, rate in options.faults.items()),
        *(("fault_rules", rule) for rule in rules),
    ]


def _point_callbacks(platform_url: str, callback_url: str) -> None:
    tell_platform(platform_url, "callback_url", {"url": callback_url})


def tell_platform(platform_url: str, control: str, body: Mapping[str, object]) -> None:
    """Use one of the simulator's controls (`/_sim/…`). Raises StandError if it refuses."""
    _post(platform_url, f"/_sim/{control}", body)


def clear_quota(platform_url: str, app_id: str, app_secret: str) -> None:
    """Clear all quotas, as an account's owner may ten times a month. Raises StandError if the platform refuses."""
    _post(platform_url, f"/cgi-bin/clear_quota/v2?{urlencode({'appid': app_id, 'appsecret': app_secret})}", {})


def _post(platform_url: str, target: str, body: Mapping[str, object]) -> None:
    connection = HTTPConnection(urlsplit(platform_url).netloc, timeout=READY_SECONDS)
    try:
        connection.request("POST", target, body=json.dumps(body))
        answer = connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200 or said.get("errcode"):  # noqa: PLR2004 – OK
            raise StandError(f"the platform refused {target}: {said}")
    finally:
        connection.close()
