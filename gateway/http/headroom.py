"""What the kernel lets a gateway process have: descriptors for its connections, places in the accept queue."""

import resource
from pathlib import Path
from typing import Final

import structlog

from gateway.settings import ServerSettings

SPARE_DESCRIPTORS: Final = 64  # beside the connections: the store's, the metrics' files, the log, the listener
_QUEUE_LIMIT: Final = Path("/proc/sys/net/core/somaxconn")

log = structlog.get_logger()


def take_headroom(settings: ServerSettings, queue_limit: Path = _QUEUE_LIMIT) -> None:
    """Raise our limit on descriptors as far as we may, and say once at the start what still is too little."""
    descriptors = _raise_descriptors()
    needed = settings.max_connections + SPARE_DESCRIPTORS
    if descriptors < needed:
        log.warning(
            "too few descriptors for the connections allowed",
            descriptors=descriptors,
            max_connections=settings.max_connections,
            way_out=f"LimitNOFILE={needed} in the unit, `ulimit -Hn {needed}`, or a lower server.max_connections",
        )
    try:
        places = int(queue_limit.read_text())
    except (OSError, ValueError):  # another system than Linux, or a container that hides it
        return
    if places < settings.backlog:
        log.warning(
            "the kernel shortens the accept queue",
            somaxconn=places,
            backlog=settings.backlog,
            way_out=f"sysctl -w net.core.somaxconn={settings.backlog}, or a lower server.backlog",
        )


def _raise_descriptors() -> float:
    """Set the soft limit, which guards programs that use select, to the hard one; the limit there is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # forbidden, or an unlimited one that the kernel does not take
            return _number(soft)
    return _number(hard)


def _number(limit: int) -> float:
    return float("inf") if limit == resource.RLIM_INFINITY else limit
