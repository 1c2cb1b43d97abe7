"""What `python -m loadtests.load` was asked for, and whether that makes sense. Pure."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from loadtests.platform.callback_crypto import decode_key
from loadtests.platform.options import Mode
from loadtests.scenarios import catalog
from loadtests.scenarios.catalog import Plan

MAX_PROCESSES = 64


class LoadRequest(Struct, frozen=True, kw_only=True):
    """The command line. Sizes of 0 and empty texts were not given; without `host` a stand is started."""

    scenario: str
    scale: float = 0
    seconds: float = 0
    users: int = 0
    capacity: float = 0
    processes: int = 1
    late: float = 1.0
    mode: Mode | None = None
    host: str = ""
    account: str = ""
    token: str = ""
    aes_key: str = ""
    app_id: str = ""
    original_id: str = ""
    key: str = ""
    store: str = ""
    platform: str = ""
    owned: bool = False


class RefusedLoadError(ValueError):
    """The request makes no sense, or would load what is not known to be the caller's; names the argument."""


def check(request: LoadRequest) -> Plan:
    """What the request comes to. Raises RefusedLoadError."""
    try:
        scenario = catalog.find(request.scenario)
        planned = catalog.plan(
            scenario,
            scale=request.scale,
            seconds=request.seconds,
            users=request.users,
            capacity=request.capacity,
        )
    except ValueError as error:
        raise RefusedLoadError(str(error)) from error
    if not 1 <= request.processes <= MAX_PROCESSES:
        raise RefusedLoadError(f"--processes {request.processes}: must lie between 1 and {MAX_PROCESSES}")
    if not request.late > 0:
        raise RefusedLoadError(f"--late {request.late:g}: must be a number above 0")
    if request.host:
        _check_host(request)
        _check_credentials(request, planned)
    else:
        _check_local(request)
    return planned


def _check_local(request: LoadRequest) -> None:
    """The local stand has an account and keys of its own."""
    foreign = {
        "--account": request.account,
        "--token": request.token,
        "--aes-key": request.aes_key,
        "--app-id": request.app_id,
        "--original-id": request.original_id,
        "--key": request.key,
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
    sends = planned.scenario.sends
    needed = {"--account": request.account}
    if "callbacks" in sends:
        needed |= {"--token": request.token, "--original-id": request.original_id}
        if request.mode in {"compatible", "secure"}:
            needed |= {"--aes-key": request.aes_key, "--app-id": request.app_id}
    if "pushes" in sends:
        needed["--key"] = request.key
    for name, value in needed.items():
        if not value:
            raise RefusedLoadError(f"{name}: {planned.scenario.name} needs it with --host")
    if "callbacks" in sends and request.mode in {"compatible", "secure"}:
        try:
            decode_key(request.aes_key)
        except ValueError as error:
            raise RefusedLoadError(f"--aes-key: {error}") from error
    if request.platform and not request.store:
        raise RefusedLoadError("--platform: only with --store, for the audit reads both")
