"""What a fault sees of the run it disturbs, and where it leaves word of what it did."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import trio
from msgspec import Struct
from redis import RedisError

from loadtests.audit.store_address import open_client
from loadtests.rehearsal import Progress
from loadtests.stand.configuration import ACCOUNT
from loadtests.stand.simulator import tell_platform
from loadtests.stand.stand import Stand
from loadtests.stand.store import answers
from loadtests.stand.workers import workers

LOOK_SECONDS = 0.01


class Happening(Struct, kw_only=True):
    """One fault as it was committed. Times by trio's clock; `healed` when what was broken could serve again.

    `claims` are the pushes claimed at the moment, where that matters; `measured` is the fault's own.
    """

    fault: str
    target: str = ""
    began: float
    healed: float = 0
    claims: frozenset[str] = frozenset()
    measured: dict[str, float] = {}
    note: str = ""

    @property
    def in_flight(self) -> int:
        return len(self.claims)


class Scene:
    """The stand under load. `client` is ours, straight to the store."""

    def __init__(self, stand: Stand, progress: Progress) -> None:
        self.stand = stand
        self.progress = progress
        self.happenings: list[Happening] = []
        self.client: Any = open_client(stand.store_url, seconds=1.0)

    def begin(self, fault: str, target: str = "") -> Happening:
        """Note that a fault is committed now."""
        happening = Happening(fault=fault, target=target, began=trio.current_time())
        self.happenings.append(happening)
        return happening

    def pid(self, target: str) -> int:
        """The process of `serve`, `store` or a slot; 0 if there is none now."""
        if target == "serve":
            return self.stand.serve_pid
        if target == "store":
            return self.stand.store_pid
        return workers(self.stand.serve_pid).get(target, 0)

    async def claimed(self) -> frozenset[str]:
        """The pushes that are claimed, by the living and the dead; none if the store cannot say."""
        try:
            return await trio.to_thread.run_sync(self._claims)
        except (RedisError, OSError):
            return frozenset()

    @property
    def well(self) -> Mapping[str, object]:
        """The platform's faults and latency when nothing is wrong, as `/_sim/faults` takes them."""
        options = self.stand.platform
        rules = [msgspec.to_builtins(rule) for rule in options.fault_rules]
        return {"rates": options.faults, "rules": rules, "latency_ms": options.latency_ms, "jitter": options.jitter}

    async def tell(self, control: str, body: Mapping[str, object]) -> None:
        """Use one of the platform's controls. Raises StandError if it refuses."""
        await trio.to_thread.run_sync(tell_platform, self.stand.platform_url, control, body)

    async def serves(self) -> bool:
        """Whether the store answers now."""
        return await trio.to_thread.run_sync(answers, self.client)

    async def store_serves(self) -> None:
        """Return once the store answers."""
        await until(self.serves)

    async def refresher(self) -> int:
        """The process that is refreshing the account's access token; 0 if there is none now."""
        name = await trio.to_thread.run_sync(self.client.hget, f"{{tga:{ACCOUNT}}}:token", "refresher")
        return int(name.decode().split("-")[-2]) if name else 0  # <host>-<pid>-<random>

    async def booked(self, api: str) -> int:
        """What the ledgers of the account say was spent, on whatever days its clock had."""
        return await trio.to_thread.run_sync(self._booked, api)

    def _booked(self, api: str) -> int:
        ledgers = self.client.scan_iter(match=f"{{tga:{ACCOUNT}}}:quota:{api}:*")
        return sum(int(self.client.hget(ledger, "spent") or 0) for ledger in ledgers)

    def _claims(self) -> frozenset[str]:
        shards = int(self.client.hget("tg:meta", "shards") or 0)
        claims = [self.client.zrange(f"{{tg{shard}}}:claims", 0, -1) for shard in range(shards)]
        return frozenset(push_id.decode() for ids in claims for push_id in ids)


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Return once the condition holds: other processes tell us nothing, so we look."""
    while not await condition():  # noqa: ASYNC110  see above
        await trio.sleep(LOOK_SECONDS)
