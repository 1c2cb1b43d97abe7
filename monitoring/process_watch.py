"""What a process uses, for the signal of saturation; prometheus_client's own collector sees the exporter's alone."""

import os
import resource
import time
from pathlib import Path
from typing import Final, NoReturn

import trio

from monitoring import names

EVERY_SECONDS: Final = 5.0
_STATM: Final = Path("/proc/self/statm")  # Linux; elsewhere memory and descriptors are not shown
_DESCRIPTORS: Final = Path("/proc/self/fd")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


async def watch_process(role: str) -> NoReturn:
    """Count this process among those of its role, and measure it until cancelled."""
    names.PROCESSES.labels(role).set(1)
    names.PROCESS_STARTS.labels(role).inc()
    cpu = names.PROCESS_CPU_SECONDS.labels(role)
    counted = 0.0
    while True:
        used = time.process_time()
        cpu.inc(used - counted)
        counted = used
        _measure(role)
        await trio.sleep(EVERY_SECONDS)


def _measure(role: str) -> None:
    if not _STATM.exists():
        return
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    names.PROCESS_MAX_FILES.labels(role).set(most)
    try:
        names.PROCESS_MEMORY_BYTES.labels(role).set(int(_STATM.read_text().split()[1]) * _PAGE_BYTES)
        names.PROCESS_OPEN_FILES.labels(role).set(sum(1 for _ in _DESCRIPTORS.iterdir()))
    except OSError:  # no descriptor is left to look with
        names.PROCESS_OPEN_FILES.labels(role).set(most)
