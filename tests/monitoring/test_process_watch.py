"""What a process says of itself."""

import errno
import time
from pathlib import Path
from typing import NoReturn

import trio
from prometheus_client import REGISTRY

from monitoring.in_flight import watch_in_flight
from monitoring.process_watch import EVERY_SECONDS, watch_process


def value(name: str, role: str = "tested") -> float:
    found = REGISTRY.get_sample_value(f"tidegate_{name}", {"role": role})
    assert found is not None
    return found


async def test_a_process_counts_its_start_and_what_it_uses(nursery, autojump_clock, monkeypatch):
    used = iter([3.0, 3.5])
    monkeypatch.setattr(time, "process_time", lambda: next(used))
    nursery.start_soon(watch_process, "tested")
    await trio.sleep(EVERY_SECONDS * 1.5)
    assert value("process_starts_total") == 1
    assert value("processes") == 1
    assert value("process_cpu_seconds_total") == 3.5
    assert value("process_memory_bytes") > 1_000_000
    assert 0 < value("process_open_files") < value("process_max_files")


async def test_a_process_without_a_descriptor_left_goes_on_and_says_so(nursery, autojump_clock, monkeypatch):
    def exhausted(_path: Path) -> NoReturn:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Path, "read_text", exhausted)
    nursery.start_soon(watch_process, "exhausted")
    await trio.sleep(EVERY_SECONDS * 1.5)
    assert value("process_open_files", "exhausted") == value("process_max_files", "exhausted")


async def test_what_a_pusher_holds_is_looked_at_now_and_then(nursery, autojump_clock):
    held = [7]
    nursery.start_soon(watch_in_flight, held.pop)
    await trio.sleep(0.1)
    assert REGISTRY.get_sample_value("tidegate_pushes_in_flight") == 7
