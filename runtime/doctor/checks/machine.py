"""This machine's kernel: descriptors, the accept queue, memory, the disk under the embedded store."""

import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from gateway.http.headroom import SPARE_DESCRIPTORS
from gateway.settings import ServerSettings
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, error, good, note, warning

SUBJECT = "machine"

FREE_SHARE = 0.1
_GIGABYTE = 2**30


class Machine(Struct, frozen=True, kw_only=True):
    """What the kernel says; None where it does not (another system than Linux, or a container that hides it).

    `descriptors` is the limit of the `serve` that runs, or else of this process.
    """

    descriptors: int
    of_serve: bool
    somaxconn: int | None
    overcommit: int | None
    huge_pages: str | None
    cores: int
    disk_free: int | None
    disk_total: int | None


async def examine(deployment: Deployment) -> list[Finding]:
    settings, machine = deployment.settings, look(deployment)
    found = [*judge_gateway(machine, settings.server)]
    if deployment.store_is_here:
        found += judge_store(machine)
    processes = settings.server.processes + settings.pushers.processes
    return [*found, *judge_cores(machine, processes)]


def look(deployment: Deployment) -> Machine:
    """Read what can be read."""
    limits = _limits_of(deployment.serve_pid)
    directory = Path(deployment.settings.store.data_dir)
    disk = None
    if deployment.settings.store.url == "embedded" and directory.is_dir():
        disk = shutil.disk_usage(directory)
    return Machine(
        descriptors=limits or resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        of_serve=limits is not None,
        somaxconn=_number("/proc/sys/net/core/somaxconn"),
        overcommit=_number("/proc/sys/vm/overcommit_memory"),
        huge_pages=_chosen("/sys/kernel/mm/transparent_hugepage/enabled"),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        disk_free=disk.free if disk else None,
        disk_total=disk.total if disk else None,
    )


def judge_gateway(machine: Machine, server: ServerSettings) -> Iterator[Finding]:
    """What limits how many connections there may be."""
    whose = "serve" if machine.of_serve else "this shell"
    needed = server.max_connections + SPARE_DESCRIPTORS
    if machine.descriptors < needed:
        yield error(
            SUBJECT,
            f"{machine.descriptors:,} descriptors for each process (the limit of {whose}), server.max_connections is "
            f"{server.max_connections:,}",
            "in a spike the gateway cannot accept, and the platform's callbacks time out",
            f"LimitNOFILE={needed} or more in the unit, `ulimit -n`, or a lower server.max_connections",
        )
    else:
        yield good(SUBJECT, f"{machine.descriptors:,} descriptors for each process (the limit of {whose})")
    if machine.somaxconn is not None and machine.somaxconn < server.backlog:
        yield warning(
            SUBJECT,
            f"net.core.somaxconn is {machine.somaxconn:,}",
            "connections of a spike beyond it are dropped by the kernel and tried again after a second or three",
            f"sysctl -w net.core.somaxconn={server.backlog}",
        )


def judge_store(machine: Machine) -> Iterator[Finding]:
    """What a store on this machine needs of it."""
    if machine.overcommit == 0:
        yield warning(
            SUBJECT,
            "vm.overcommit_memory is 0",
            "the store cannot fork to rewrite its append-only file once it holds half of the memory: the file grows "
            "until the disk is full",
            "sysctl -w vm.overcommit_memory=1",
        )
    if machine.huge_pages == "always":
        yield warning(
            SUBJECT,
            "transparent huge pages are on",
            "while the store rewrites its file each write copies 2 MiB: latency peaks, and memory up to doubled",
            "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
        )
    if machine.disk_free is not None and machine.disk_total:
        said = f"{machine.disk_free / _GIGABYTE:.1f} GiB free under store.data_dir"
        if machine.disk_free < machine.disk_total * FREE_SHARE:
            yield warning(
                SUBJECT,
                said,
                "when it is full every callback and push is answered 503; a rewrite needs the file's size once more",
                "free some, or move store.data_dir",
            )
        else:
            yield good(SUBJECT, said)


def judge_cores(machine: Machine, processes: int) -> Iterator[Finding]:
    """A core for each process, and one for the store, is what more of them can use."""
    if processes > machine.cores:
        yield note(
            SUBJECT,
            f"{processes} gateway and pusher processes on {machine.cores} cores",
            "they take turns; more processes than cores add no speed",
        )


def _limits_of(pid: int) -> int | None:
    """The hard limit on descriptors, which gateways raise theirs to; None if the process is not ours to see."""
    try:
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines() if pid else []
    except OSError:
        return None
    for line in lines:
        if line.startswith("Max open files"):
            hard = line.split()[4]
            return int(hard) if hard.isdecimal() else 2**31
    return None


def _number(file: str) -> int | None:
    try:
        return int(Path(file).read_text())
    except (OSError, ValueError):
        return None


def _chosen(file: str) -> str | None:
    """The one in brackets, of `always [madvise] never`."""
    try:
        words = Path(file).read_text().split()
    except OSError:
        return None
    return next((word.strip("[]") for word in words if word.startswith("[")), None)
