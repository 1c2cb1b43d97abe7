"""What is found of a kernel's settings."""

import os

import pytest
from msgspec import structs

from gateway.settings import ServerSettings
from runtime.doctor.checks.machine import Machine, examine, judge_cores, judge_gateway, judge_store, look
from tests.runtime.doctor.deployments import deployment

SOUND = Machine(
    descriptors=65_536,
    of_serve=True,
    somaxconn=4096,
    overcommit=1,
    huge_pages="madvise",
    cores=4,
    disk_free=60 * 2**30,
    disk_total=100 * 2**30,
)


def wrong(findings) -> dict[str, str]:
    return {finding.found: finding.severity for finding in findings if finding.severity != "ok"}


def test_a_sound_machine_has_nothing_wrong():
    assert wrong([*judge_gateway(SOUND, ServerSettings()), *judge_store(SOUND), *judge_cores(SOUND, 4)]) == {}


def test_too_few_descriptors_for_the_connections_allowed():
    few = structs.replace(SOUND, descriptors=1024)
    [finding] = judge_gateway(few, ServerSettings())
    assert finding.severity == "error"
    assert finding.found.startswith("1,024 descriptors for each process (the limit of serve)")
    assert finding.remedy.startswith("LimitNOFILE=10064")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"overcommit": 0}, "vm.overcommit_memory is 0"),
        ({"huge_pages": "always"}, "transparent huge pages are on"),
        ({"disk_free": 2**30}, "1.0 GiB free under store.data_dir"),
    ],
)
def test_a_kernel_that_harms_the_store_is_a_warning(changes, found):
    assert wrong(judge_store(structs.replace(SOUND, **changes))) == {found: "warning"}


def test_a_short_accept_queue_is_a_warning():
    short = structs.replace(SOUND, somaxconn=128)
    assert wrong(judge_gateway(short, ServerSettings())) == {"net.core.somaxconn is 128": "warning"}


def test_more_processes_than_cores_are_a_note():
    assert wrong(judge_cores(SOUND, 6)) == {"6 gateway and pusher processes on 4 cores": "note"}


def test_what_the_kernel_does_not_tell_is_no_finding():
    silent = structs.replace(SOUND, somaxconn=None, overcommit=None, huge_pages=None, disk_free=None, disk_total=None)
    assert wrong([*judge_gateway(silent, ServerSettings()), *judge_store(silent)]) == {}


async def test_this_machine_can_be_looked_at():
    machine = look(deployment(serve_pid=os.getpid()))
    assert machine.of_serve
    assert machine.descriptors > 0
    assert machine.cores > 0
    assert await examine(deployment())
