"""The exporter: one answer for all processes of a machine."""

import re
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from prometheus_client import CollectorRegistry, generate_latest

from monitoring import exporter, names, scrape_server
from monitoring.exporter import export_metrics, merged_registry
from monitoring.gauges import Reading
from monitoring.names import QUEUE_DEPTH, STORE_MEMORY_BYTES
from monitoring.slots import empty_slots, release_slot, take_slot

WORKER = """
import sys
from pathlib import Path
from monitoring.slots import take_slot
take_slot(Path(sys.argv[1]), sys.argv[2])
from monitoring.names import CALLBACKS, CALLBACK_SECONDS, CONNECTIONS
from monitoring.zeros import export_gateway_zeros
export_gateway_zeros(["quiet"], ["fines"])
for command in sys.stdin:
    CALLBACKS.labels("traffic", "scan", "accepted").inc()
    CALLBACK_SECONDS.labels("traffic").observe(0.004)
    CONNECTIONS.inc()
    print("counted", flush=True)
"""


class Worker:
    """A real process in a slot; it counts one callback on a new connection when told."""

    def __init__(self, directory: Path, slot: str) -> None:
        self.slot = slot
        command = [sys.executable, "-c", WORKER, str(directory), slot]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def count(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print("count", file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "counted\n"

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Worker]]:
    empty_slots(tmp_path)
    started = [Worker(tmp_path, "gateway-0"), Worker(tmp_path, "gateway-1")]
    yield started
    for worker in started:
        worker.kill()


def scrape(directory: Path) -> str:
    return generate_latest(merged_registry(directory, list)).decode()


def value_of(text: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    assert found is not None, f"{series} not in\n{text}"
    return float(found[1])


ACCEPTED = 'tidegate_callbacks_total{account="traffic",event="scan",result="accepted"}'


@pytest.mark.e2e
def test_processes_are_summed(tmp_path: Path, workers: list[Worker]) -> None:
    for worker in (workers[0], workers[0], workers[1]):
        worker.count()
    text = scrape(tmp_path)
    assert value_of(text, ACCEPTED) == 3
    assert value_of(text, "tidegate_connections") == 3
    assert value_of(text, 'tidegate_callback_seconds_bucket{account="traffic",le="0.005"}') == 3
    assert value_of(text, 'tidegate_callback_seconds_count{account="traffic"}') == 3


@pytest.mark.e2e
def test_known_series_are_there_before_their_first_event(tmp_path: Path, workers: list[Worker]) -> None:
    workers[0].count()
    series = 'tidegate_callbacks_total{account="quiet",event="other",result="shed"}'
    assert value_of(scrape(tmp_path), series) == 0


@pytest.mark.e2e
def test_a_restarted_slot_goes_on_counting_and_its_gauges_begin_anew(tmp_path: Path, workers: list[Worker]) -> None:
    for worker in (*workers, *workers):
        worker.count()
    workers[0].kill()
    release_slot(tmp_path, workers[0].slot)
    text = scrape(tmp_path)
    assert value_of(text, ACCEPTED) == 4
    assert value_of(text, "tidegate_connections") == 2

    workers[0] = Worker(tmp_path, workers[0].slot)
    workers[0].count()
    text = scrape(tmp_path)
    assert value_of(text, ACCEPTED) == 5
    assert value_of(text, "tidegate_connections") == 3
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_a_new_run_begins_with_no_files(tmp_path: Path) -> None:
    (tmp_path / "counter_gateway-0.db").touch()
    empty_slots(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_slots_name_must_not_break_the_file_names(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a slot's name has no _"):
        take_slot(tmp_path, "gateway_0")


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_promtool_has_nothing_to_say(tmp_path: Path, workers: list[Worker]) -> None:
    workers[0].count()
    families = [family for family in vars(names).values() if isinstance(family, names.Family)]
    readings = [Reading(family, tuple("x" for _ in family.labels), 1) for family in families]
    exposition = generate_latest(merged_registry(tmp_path, lambda: readings))
    checked = subprocess.run(["promtool", "check", "metrics"], input=exposition, check=False, capture_output=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


async def exporting(nursery: trio.Nursery, registry: CollectorRegistry) -> tuple[str, int]:
    """Where it answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    host, port = listening.getsockname()
    await nursery.start(export_metrics, listening, registry)
    return host, port


async def get(host: str, port: int, path: str = "/metrics") -> str:
    stream = await trio.open_tcp_stream(host, port)
    async with stream:
        await stream.send_all(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return b"".join([chunk async for chunk in stream]).decode()


async def test_scrapes_are_answered_until_the_end_and_read_the_gauges_once_each(tmp_path: Path) -> None:
    reads: list[int] = []

    def read() -> list[Reading]:
        reads.append(1)
        return [Reading(QUEUE_DEPTH, ("traffic", "high"), 7), Reading(STORE_MEMORY_BYTES, (), 1024)]

    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            registry = merged_registry(tmp_path, read)
            host, port = await exporting(nursery, registry)
            answer = await get(host, port)
            nursery.cancel_scope.cancel()
    assert value_of(answer.replace("\r", ""), 'tidegate_queue_depth{account="traffic",queue="high"}') == 7
    assert value_of(answer.replace("\r", ""), "tidegate_store_memory_bytes") == 1024
    assert len(reads) == 1
    with pytest.raises(OSError, match="all attempts to connect"):
        await trio.open_tcp_stream(host, port)


async def test_who_says_nothing_is_left_and_who_goes_away_is_not_complained_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            host, port = await exporting(nursery, merged_registry(tmp_path, list))
            with monkeypatch.context() as impatient:
                impatient.setattr(scrape_server, "SILENT_SECONDS", 0.01)
                async with await trio.open_tcp_stream(host, port) as silent:
                    assert await silent.receive_some() == b""
            gone = await trio.open_tcp_stream(host, port)
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # it ends with a reset
            await gone.send_all(b"GET /metrics")
            await gone.aclose()
            assert "200 OK" in await get(host, port, "/livez")
            nursery.cancel_scope.cancel()
    assert capfd.readouterr() == ("", "")


async def test_there_are_so_many_connections_and_the_oldest_gives_way_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound, value in (("MOST_CONNECTIONS", 2), ("SILENT_SECONDS", 600.0), ("ROOM_SECONDS", 600.0)):
        monkeypatch.setattr(scrape_server, bound, value)
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            host, port = await exporting(nursery, merged_registry(tmp_path, list))
            async with (
                await trio.open_tcp_stream(host, port) as oldest,
                await trio.open_tcp_stream(host, port) as other,
            ):
                assert "200 OK" in await get(host, port, "/livez")
                assert await oldest.receive_some() == b""
                await other.send_all(b"GET /livez HTTP/1.0\r\n\r\n")
                assert await other.receive_some()
            nursery.cancel_scope.cancel()


async def test_who_takes_too_long_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape_server, "SILENT_SECONDS", 600.0)
    monkeypatch.setattr(scrape_server, "LONGEST_SECONDS", 0.0)
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            host, port = await exporting(nursery, merged_registry(tmp_path, list))
            async with await trio.open_tcp_stream(host, port) as slow:
                assert await slow.receive_some() == b""
            nursery.cancel_scope.cancel()


async def test_a_probe_of_a_pusher_learns_whether_its_loop_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            host, port = await exporting(nursery, merged_registry(tmp_path, list))
            assert "200 OK" in (live := await get(host, port, "/livez"))
            assert live.endswith("live")
            monkeypatch.setattr(exporter, "STALLED_SECONDS", -1.0)
            stalled = await get(host, port, "/livez")
            nursery.cancel_scope.cancel()
    assert "503 Service Unavailable" in stalled
    assert stalled.endswith("stalled")
    assert capfd.readouterr() == ("", "")
