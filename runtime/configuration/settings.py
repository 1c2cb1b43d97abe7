"""The whole configuration: one file, the environment over it, checked before anything starts."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from msgspec import Struct, structs

from gateway.pushes.pictures.settings import PictureSettings
from gateway.settings import ServerSettings, Upstream
from monitoring.settings import MetricsSettings, TracingSettings
from pushers.settings import PusherSettings
from queues.account import Account
from queues.settings import StoreSettings
from runtime.configuration.environment import Tree, overlay, variable_of
from runtime.configuration.findings import processes
from runtime.configuration.findings.accounts import account_findings
from runtime.configuration.findings.ranges import Finding
from runtime.configuration.findings.store import store_findings
from runtime.configuration.findings.upstreams import upstream_findings
from runtime.configuration.log_settings import LogSettings
from runtime.configuration.reader import Reader
from runtime.configuration.secret_sources import MissingSecretError, resolve_secret
from runtime.errors import ConfigurationError

DEFAULT_FILE = Path("tidegate.toml")
"""Read if it is there and no other is named."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every table of the configuration, each as its stage defines it."""

    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
    pushers: PusherSettings = PusherSettings()
    metrics: MetricsSettings = MetricsSettings()
    pictures: PictureSettings = PictureSettings()
    logs: LogSettings = LogSettings()
    tracing: TracingSettings = TracingSettings()
    accounts: tuple[Account, ...] = ()
    upstreams: tuple[Upstream, ...] = ()


def load_settings(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the configuration from `file` (else `tidegate.toml` if there is one) and the environment.

    Raises:
        ConfigurationError: The first thing wrong, in one line: the file or variable, the key, what to write instead.
    """
    file = file_in_use(file)
    tree: Tree = {} if file is None else _read_file(file)
    overlay(tree, environ, _tables())
    if file is None:
        _name_the_first(tree)
    reader = Reader("environment" if file is None else str(file), environ)
    settings = _resolve_url(Settings(**reader.read(tree, Settings)), reader)
    _require(settings, reader, from_file=file is not None)
    for path, words in _findings(settings):
        raise reader.fault(path, words, _at(tree, path))
    return settings


def file_in_use(file: Path | None) -> Path | None:
    """The file that is read when this one is named, or none is; None if all comes from the environment."""
    return DEFAULT_FILE if file is None and DEFAULT_FILE.exists() else file


def _tables() -> dict[str, list[str]]:
    """The keys of each table; of a list of tables, those of each of them."""
    kinds = {field.name: next(iter(get_args(field.type)), field.type) for field in structs.fields(Settings)}
    return {table: [key.encode_name for key in structs.fields(kind)] for table, kind in kinds.items()}


def _read_file(file: Path) -> Tree:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{file}: no such file") from None
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from None


def _name_the_first(tree: Tree) -> None:
    """With no file, the one account and the one upstream need no name."""
    for section in ("accounts", "upstreams"):
        items = tree.get(section)
        if isinstance(items, list) and items and isinstance(items[0], dict):
            items[0].setdefault("name", "default")


def _resolve_url(settings: Settings, reader: Reader) -> Settings:
    """A store's URL may hold a password, so it may stand elsewhere like any secret."""
    try:
        url = resolve_secret(settings.store.url, reader.environ)
    except MissingSecretError as error:
        raise reader.fault(("store", "url"), str(error)) from None
    return structs.replace(settings, store=structs.replace(settings.store, url=url))


def _require(settings: Settings, reader: Reader, *, from_file: bool) -> None:
    if not settings.accounts:
        needed = ", ".join(variable_of(("accounts", 0, key)) for key in ("app_id", "app_secret", "token"))
        way_out = "add an [[accounts]] table" if from_file else f"set {needed}, or write {DEFAULT_FILE}"
        raise reader.fault(("accounts",), f"none configured; {way_out}")
    if not settings.upstreams and not from_file:
        key = variable_of(("upstreams", 0, "key"))
        raise reader.fault(("upstreams",), f"none configured; set {key}, or write {DEFAULT_FILE}")


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from processes.server_findings(settings.server)
    yield from store_findings(settings.store)
    yield from processes.pusher_findings(settings.pushers)
    yield from processes.metrics_findings(settings.metrics, settings.server)
    yield from processes.log_findings(settings.logs)
    yield from processes.tracing_findings(settings.tracing)
    yield from processes.picture_findings(settings.pictures)
    yield from account_findings(settings.accounts)
    yield from upstream_findings(settings.upstreams, settings.accounts)


def _at(tree: object, path: tuple[str | int, ...]) -> object:
    """What was written at `path`, so that its error can name the variable it came from; None where nothing was."""
    for part in path:
        if isinstance(tree, dict):
            tree = tree.get(part)
        elif isinstance(tree, list) and isinstance(part, int):
            tree = tree[part]
        else:
            return None
    return tree
