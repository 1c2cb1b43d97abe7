"""What `check` finds: the configuration in words, without secrets, and what the store says of itself."""

import re
from collections.abc import Iterator

from msgspec import structs

from queues.account import Account
from queues.connection.access import explained
from queues.connection.connector import open_servers
from queues.errors import StoreMismatchError, StoreUnavailableError
from queues.readings.condition import StoreCondition, read_condition
from queues.settings import StoreSettings
from queues.store import Store
from runtime.configuration.settings import Settings
from runtime.embedded.store import EmbeddedStore
from runtime.errors import CommandError, ConfigurationError

_NEEDED_POLICY = "noeviction"


def describe_settings(settings: Settings) -> Iterator[str]:
    """The configuration, a line a thing."""
    yield f"server: {settings.server.bind}, {settings.server.processes} gateway processes"
    yield f"pushers: {settings.pushers.processes} processes, {settings.pushers.in_flight} in flight each"
    yield f"metrics: {settings.metrics.bind or 'off'}"
    for account in settings.accounts:
        yield f"account {account.name}: {_account(account)}"
    for upstream in settings.upstreams:
        yield f"upstream {upstream.name}: {', '.join(upstream.accounts) or 'every account'}"
    if not settings.upstreams:
        yield "upstreams: none, so nobody may enqueue pushes"


async def describe_store(settings: StoreSettings) -> list[str]:
    """The store, a line a thing; nothing in it is changed.

    Raises:
        ConfigurationError: It cannot be what the settings say, or would evict what it must keep.
        CommandError: It cannot be reached.
    """
    if settings.url != "embedded":
        return [f"store: {redacted(settings.url)}", *await _ask(settings)]
    embedded = EmbeddedStore(settings)
    lines = [f"store: embedded, run by {embedded.server}, data in {embedded.directory.path}"]
    user = embedded.directory.user()
    if user is None:
        embedded.directory.require_room()
        return [*lines, "no serve is running on it"]
    running = structs.replace(settings, url=embedded.url)
    return [*lines, f"the serve with pid {user} is running on it", *await _ask(running)]


def redacted(url: str) -> str:
    """A store's URL without what it may hold of users and passwords."""
    return re.sub(r"(?i)(password=)[^&]*", r"\1***", re.sub(r"//.*@", "//***@", url))


async def _ask(settings: StoreSettings) -> list[str]:
    servers = open_servers(settings.url)
    store = Store(servers, settings.shards)
    try:
        conditions = await store.ask_all("describe", read_condition)
        await store.try_access("describe")
        await store.choose_durability(settings)
    except StoreMismatchError as error:
        raise ConfigurationError(str(error)) from None
    except StoreUnavailableError as error:
        reason = " ".join(redacted(explained(error)).split())
        raise CommandError(f"store.url: cannot reach {redacted(settings.url)}: {reason}") from None
    finally:
        servers.close()
    shards = max(server.shards for server in conditions)
    if shards not in {0, settings.shards}:
        raise ConfigurationError(f"store.shards: the store has {shards}, the configuration {settings.shards}")
    for server in conditions:
        if server.maxmemory_policy not in {"", _NEEDED_POLICY}:
            raise ConfigurationError(
                f"store.url: the store's maxmemory-policy is {server.maxmemory_policy}, which drops what was accepted; "
                f"set it to {_NEEDED_POLICY}"
            )
    told = [line for server in conditions for line in _server(server, settings)]
    return [*told, f"shards: {shards or f'{settings.shards} (the store is new)'}"]


def _server(server: StoreCondition, settings: StoreSettings) -> Iterator[str]:
    yield f"server: {server.server} {server.version}"
    told = f"appendonly {server.appendonly or 'not told'}, appendfsync {server.appendfsync or 'not told'}"
    yield f"durability: {settings.durability} ({told})"
    bound = f"{server.maxmemory} bytes at most" if server.maxmemory else "no bound"
    yield f"memory: {server.used_memory} bytes used, {bound}, policy {server.maxmemory_policy or 'not told'}"


def _account(account: Account) -> str:
    mode = "encrypted callbacks" if account.aes_key else "plaintext callbacks"
    limits = ", ".join(
        f"{api} {limit.per_second:g} a second and {limit.per_day} a day" for api, limit in account.limits.items()
    )
    return f"{account.kind}, app {account.app_id}, {mode}, limits: {limits or 'none'} (0 is unlimited)"
