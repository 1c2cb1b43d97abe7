"""Stores of several servers: a primary with replicas under three Sentinels, and a Cluster of three primaries.

Their time-outs are short, so that a failover takes a second or two. Ports are free ones; nothing outlives the group.
Whoever comes by its address is a user who may do what Tidegate needs (docs/security.md), and nothing else.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import trio
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from loadtests.stand.ports import free_port
from loadtests.stand.process import StandError, StandProcess
from loadtests.stand.store import StandStore, answers, make_store, server_program

DOWN_MS = 1_000
"""A server that is silent for so long is taken for dead."""
SERVICE = "tidegate"
RIGHTS = "~tg:* ~{tg* &tg:wake +@all -@dangerous +info +config|get"

_USER, _PASSWORD = "tidegate", "half/of it@home"
_CREDENTIALS = f"{_USER}:{quote(_PASSWORD, safe='')}"
_READY_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_SENTINELS, _QUORUM = 3, 2
_REPLICAS = 2  # of the primary under Sentinel: one takes over and the other follows it
_PRIMARIES = 3  # of the Cluster, with a replica each
_SLOTS = 16_384

_SENTINEL = """\
port {port}
bind 127.0.0.1
dir {folder}
logfile {folder}/sentinel.log
sentinel monitor {service} 127.0.0.1 {primary} {quorum}
sentinel down-after-milliseconds {service} {down_ms}
sentinel failover-timeout {service} 4000
"""


class StoreGroup:
    """Servers that replace each other; `url` is where they are found, as in `store.url`."""

    def __init__(
        self, url: str, servers: Sequence[StandStore], sentinels: Mapping[int, StandProcess] | None = None
    ) -> None:
        self.url = url
        self.servers = servers
        self._sentinels = sentinels or {}
        """By port."""

    async def end(self) -> None:
        """End all processes."""
        async with trio.open_nursery() as ending:
            for process in (*self._sentinels.values(), *(server.process for server in self.servers)):
                ending.start_soon(process.end)

    async def primaries(self) -> list[StandStore]:
        """The servers that take writes now: they say so, and so does Sentinel where there is one.

        (One that comes back after a failover believes that it is the primary, until Sentinel tells it.)
        """
        named = [await trio.to_thread.run_sync(_named_primary, port) for port in self._sentinels]
        roles = [await trio.to_thread.run_sync(_replication, server) for server in self.servers]
        return [
            server
            for server, role in zip(self.servers, roles, strict=True)
            if role.get("role") == "master" and (not named or server.port in named)
        ]

    async def replicated(self, primaries: int, replicas: int) -> None:
        """Return once there are so many primaries, with so many replicas in step, each. Raises StandError."""

        async def in_step() -> bool:
            found = [await trio.to_thread.run_sync(_replication, server) for server in await self.primaries()]
            return len(found) == primaries and all(_online(each) >= replicas for each in found)

        await _until(in_step, "the replicas did not follow")


async def start_group(kind: Literal["sentinel", "cluster"], folder: Path) -> StoreGroup:
    """Start the servers and join them; the caller ends the group.

    Raises:
        StandError: they did not find each other in time.
    """
    return await (_start_sentinel(folder) if kind == "sentinel" else _start_cluster(folder))


async def _start_sentinel(folder: Path) -> StoreGroup:
    options = ("--repl-diskless-sync-delay", "0")
    servers = [_server(folder / f"s{i}", options) for i in range(_REPLICAS + 1)]
    primary, *replicas = servers
    ports = [free_port() for _ in range(_SENTINELS)]
    sentinels = {port: _sentinel(_made(folder / f"w{i}"), port, primary.port) for i, port in enumerate(ports)}
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    group = StoreGroup(f"redis+sentinel://{_CREDENTIALS}@{hosts}/{SERVICE}", servers, sentinels)
    try:
        for server in servers:
            await server.process.start()
        await trio.to_thread.run_sync(_replicate, primary, replicas)
        for sentinel in sentinels.values():
            await sentinel.start()
        await group.replicated(1, _REPLICAS)
        await _until(lambda: _all_know(ports), "the Sentinels did not find each other")
    except BaseException:
        await group.end()
        raise
    return group


async def _start_cluster(folder: Path) -> StoreGroup:
    servers = []
    for i in range(2 * _PRIMARIES):
        words = {
            "cluster-enabled": "yes",
            "cluster-config-file": "nodes.conf",
            "cluster-node-timeout": str(DOWN_MS),
            "cluster-port": str(free_port()),
            "repl-diskless-sync-delay": "0",
        }
        options = [word for name, value in words.items() for word in (f"--{name}", value)]
        servers.append(_server(folder / f"s{i}", options))
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers[:_PRIMARIES])
    group = StoreGroup(f"redis+cluster://{_CREDENTIALS}@{hosts}", servers)
    try:
        for server in servers:
            await server.process.start()
        await trio.to_thread.run_sync(_deal_slots, servers)
        await _until(lambda: _met(servers), "the servers did not meet")
        await trio.to_thread.run_sync(_follow, servers)
        await group.replicated(_PRIMARIES, 1)
        await _until(lambda: _serves(servers), "the Cluster does not serve")
    except BaseException:
        await group.end()
        raise
    return group


def _server(folder: Path, options: Sequence[str]) -> StandStore:
    users = _made(folder) / "users.acl"
    digest = sha256(_PASSWORD.encode()).hexdigest()  # written out, it could not have a space
    users.write_text(f"user default on nopass ~* &* +@all\nuser {_USER} on #{digest} {RIGHTS}\n")
    return make_store(folder, (*options, "--aclfile", str(users)))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _sentinel(folder: Path, port: int, primary: int) -> StandProcess:
    file = folder / "sentinel.conf"  # Sentinel writes into it what it learns
    file.write_text(
        _SENTINEL.format(port=port, folder=folder, service=SERVICE, primary=primary, quorum=_QUORUM, down_ms=DOWN_MS)
    )

    async def ready(process: trio.Process) -> str:
        with _client(port) as client:
            while process.poll() is None:
                if await trio.to_thread.run_sync(answers, client):
                    return f"127.0.0.1:{port}"
                await trio.sleep(_LOOK_SECONDS)
        return ""

    return StandProcess("a Sentinel", [server_program(), str(file), "--sentinel"], folder / "sentinel.log", ready)


def _replicate(primary: StandStore, replicas: Sequence[StandStore]) -> None:
    """Told once they run: on their command line it would be forgotten which of them leads when one starts again."""
    for replica in replicas:
        with replica.client(_READY_SECONDS) as client:
            client.replicaof("127.0.0.1", primary.port)


def _deal_slots(servers: Sequence[StandStore]) -> None:
    primaries, bus = servers[:_PRIMARIES], [_bus_port(server) for server in servers]
    for i, server in enumerate(primaries):
        first, last = _SLOTS * i // _PRIMARIES, _SLOTS * (i + 1) // _PRIMARIES - 1
        with server.client(_READY_SECONDS) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
    with servers[0].client(_READY_SECONDS) as client:
        for server, port in zip(servers[1:], bus[1:], strict=True):
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", server.port, port)


def _follow(servers: Sequence[StandStore]) -> None:
    for primary, replica in zip(servers[:_PRIMARIES], servers[_PRIMARIES:], strict=True):
        with primary.client(_READY_SECONDS) as leading, replica.client(_READY_SECONDS) as following:
            following.execute_command("CLUSTER", "REPLICATE", leading.execute_command("CLUSTER", "MYID"))


def _bus_port(server: StandStore) -> int:
    with server.client(_READY_SECONDS) as client:
        told: Any = client.config_get("cluster-port")
        return int(told["cluster-port"])


async def _met(servers: Sequence[StandStore]) -> bool:
    """Whether everyone knows everyone by name: REPLICATE needs the primary to be known."""
    told = [await trio.to_thread.run_sync(_told, server, "CLUSTER", "NODES") for server in servers]
    return all(each.count("connected") == len(servers) and "handshake" not in each for each in told)


async def _serves(servers: Sequence[StandStore]) -> bool:
    told = [await trio.to_thread.run_sync(_told, server, "CLUSTER", "INFO") for server in servers]
    return all("cluster_state:ok" in each for each in told)


def _told(server: StandStore, *command: str) -> str:
    try:
        with server.client() as client:
            client.response_callbacks.clear()
            answer: Any = client.execute_command(*command)
    except (RedisError, OSError):
        return ""
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def _client(port: int) -> Redis:
    """One of a Sentinel, that asks once and waits a second at most."""
    return Redis(port=port, socket_timeout=1.0, retry=Retry(NoBackoff(), 0))


async def _all_know(ports: Sequence[int]) -> bool:
    """Whether each Sentinel knows the others and all replicas."""

    def knows(port: int) -> bool:
        with _client(port) as client:
            try:
                state: Any = client.sentinel_master(SERVICE)
            except (RedisError, OSError):
                return False
            return (state["num-other-sentinels"], state["num-slaves"]) == (_SENTINELS - 1, _REPLICAS)

    return all([await trio.to_thread.run_sync(knows, port) for port in ports])


def _named_primary(port: int) -> int:
    """The port of the primary, as this Sentinel has it; 0 if it does not answer."""
    try:
        with _client(port) as client:
            told: Any = client.sentinel_get_master_addr_by_name(SERVICE)
    except (RedisError, OSError):
        return 0
    return int(told[1]) if told else 0


def _replication(server: StandStore) -> Mapping[str, Any]:
    """What it says of its replication; nothing if it does not answer."""
    try:
        with server.client() as client:
            told: Mapping[str, Any] = client.info("replication")
    except (RedisError, OSError):
        return {}
    return told


def _online(replication: Mapping[str, Any]) -> int:
    slaves = [value for name, value in replication.items() if name.startswith("slave") and isinstance(value, dict)]
    return sum(slave.get("state") == "online" for slave in slaves)


async def _until(condition: Callable[[], Awaitable[bool]], trouble: str) -> None:
    with trio.move_on_after(_READY_SECONDS) as scope:
        while not await condition():  # noqa: ASYNC110  other processes tell us nothing, so we look
            await trio.sleep(_LOOK_SECONDS)
    if scope.cancelled_caught:
        raise StandError(trouble)
