"""What `python -m loadtests.load` was asked for, and whether that makes sense. Pure."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from loadtests.platform.callback_crypto import decode_key
from loadtests.scenarios import catalog
from loadtests.scenarios.catalog import Plan
from loadtests.scenarios.options import LoadOptions

MAX_PROCESSES = 64


class LoadRequest(Struct, frozen=True, kw_only=True):
    """The command line. Sizes of 0 and empty texts were not given; without `host` a stand is started.

    `options` are what the Locust processes are told; a stand has account and keys of its own.
    """

    scenario: str
    options: LoadOptions
    processes: int = 1
    host: str = ""
    store: str = ""
    platform: str = ""
    owned: bool = False


class RefusedLoadError(ValueError):
    """The request makes no sense, or would load what is not known to be the caller's; names the argument."""


def check(request: LoadRequest) -> Plan:
    """What the request comes to. Raises RefusedLoadError."""
    try:
        planned = request.options.plan(catalog.find(request.scenario))
    except ValueError as error:
        raise RefusedLoadError(str(error)) from error
    if not 1 <= request.processes <= MAX_PROCESSES:
        raise RefusedLoadError(f"--processes {request.processes}: must lie between 1 and {MAX_PROCESSES}")
    if not request.options.late > 0:
        raise RefusedLoadError(f"--late {request.options.late:g}: must be a number above 0")
    if request.host:
        _check_host(request)
        _check_credentials(request, planned)
    else:
        _check_local(request)
    return planned


def _check_local(request: LoadRequest) -> None:
    options = request.options
    foreign = {
        "--account": options.account,
        "--token": options.token,
        "--aes-key": options.aes_key,
        "--app-id": options.app_id,
        "--original-id": options.original_id,
        "--key": options.upstream_key,
        "--store": request.store,
        "--platform": request.platform,
        "--i-own-this-system": request.owned,
    }
    for name, value in foreign.items():
        if value:
            raise RefusedLoadError(f"{name}: only with --host; the local stand has its own")


def _check_host(request: LoadRequest) -> None:
    parts = urlsplit(request.host)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise RefusedLoadError(f"--host {request.host}: must be http://HOST:PORT or https://HOST:PORT")
    if not request.owned and not _is_loopback(parts.hostname):
        raise RefusedLoadError(
            f"--host {request.host}: is not on this machine; add --i-own-this-system if you may load it like this"
        )


def _is_loopback(host: str) -> bool:
    """By the name itself: what a name resolves to may differ at the next look."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _check_credentials(request: LoadRequest, planned: Plan) -> None:
    options, sends = request.options, planned.scenario.sends
    encrypted = "callbacks" in sends and options.mode != "plaintext"
    needed = {"--account": options.account}
    if "callbacks" in sends:
        needed |= {"--token": options.token, "--original-id": options.original_id}
    if encrypted:
        needed |= {"--aes-key": options.aes_key, "--app-id": options.app_id}
    if "pushes" in sends:
        needed["--key"] = options.upstream_key
    for name, value in needed.items():
        if not value:
            raise RefusedLoadError(f"{name}: {planned.scenario.name} needs it with --host")
    if encrypted:
        try:
            decode_key(options.aes_key)
        except ValueError as error:
            raise RefusedLoadError(f"--aes-key: {error}") from error
    if request.platform and not request.store:
        raise RefusedLoadError("--platform: only with --store, for the audit reads both")
