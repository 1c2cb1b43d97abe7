"""What is examined, and how its store is reached."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from msgspec import Struct, structs

from queues.connection.address import read_address
from queues.connection.connector import open_servers
from queues.errors import StoreUnavailableError
from queues.readings.condition import StoreCondition, read_condition
from queues.store import Store
from runtime.configuration.settings import Settings
from runtime.doctor.finding import Finding
from runtime.embedded.store import EmbeddedStore
from runtime.errors import CommandError
from runtime.inspection import redacted

_HTTP_SECONDS = 10.0
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class Deployment(Struct, frozen=True, kw_only=True):
    """What is examined.

    `store` is None, and `conditions` (of each of its servers) empty, where there is none to ask, or it did not answer
    (`store_trouble` says why).

    `serve_pid` is the `serve` on the embedded store's directory, 0 if there is none that we know of. `callback_url` is
    what the platform's console has, up to `/callback/`; empty: the local address is tried instead. `file` is the
    configuration's, None if all of it comes from the environment.
    """

    settings: Settings
    file: Path | None
    store: Store | None
    conditions: Sequence[StoreCondition]
    store_trouble: str
    serve_pid: int
    callback_url: str
    client: httpx.AsyncClient

    @property
    def store_is_here(self) -> bool:
        """Whether the store runs on this machine, so that this kernel's settings are its own."""
        return is_local(self.settings.store.url)


def of_each_server(deployment: Deployment, judge: Callable[[StoreCondition], Iterable[Finding]]) -> list[Finding]:
    """What there is to say of each of the store's servers; where there are several, of which."""
    several = len(deployment.conditions) > 1
    return [
        structs.replace(finding, subject=f"{finding.subject} {server.address}") if several else finding
        for server in deployment.conditions
        for finding in judge(server)
    ]


def is_local(url: str) -> bool:
    """Whether a store's URL means this machine."""
    if url == "embedded":
        return True
    address = read_address(url)
    if address is not None:
        return all(host in _THIS_MACHINE for host, _ in address.hosts)
    parts = urlsplit(url)
    return parts.scheme == "unix" or parts.hostname in _THIS_MACHINE


@asynccontextmanager
async def open_deployment(settings: Settings, file: Path | None, callback_url: str) -> AsyncIterator[Deployment]:
    """Connect to what there is, and ask the store for its condition.

    Raises:
        ConfigurationError: The embedded store is wanted and its server is not installed.
    """
    url, pid, trouble = settings.store.url, 0, ""
    if url == "embedded":
        embedded = EmbeddedStore(settings.store)
        try:
            pid = embedded.directory.user() or 0
        except CommandError as error:
            trouble = str(error)
        url = embedded.url if pid else ""
    # Not `open_store`: that writes the layout into a new store, and we change nothing.
    store = Store(open_servers(url), settings.store.shards) if url else None
    conditions, trouble = await _ask(store) if store is not None else ([], trouble)
    try:
        # No proxy from the environment: the hosts are configured, and a proxy's answer would not be theirs.
        async with httpx.AsyncClient(timeout=_HTTP_SECONDS, trust_env=False) as client:
            yield Deployment(
                settings=settings,
                file=file,
                store=store if conditions else None,
                conditions=conditions,
                store_trouble=trouble,
                serve_pid=pid,
                callback_url=callback_url,
                client=client,
            )
    finally:
        if store is not None:
            store.servers.close()


async def _ask(store: Store) -> tuple[Sequence[StoreCondition], str]:
    try:
        return await store.ask_all("doctor", read_condition), ""
    except StoreUnavailableError as trouble:
        return [], " ".join(redacted(str(trouble)).split())
