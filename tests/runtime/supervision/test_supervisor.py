"""`serve` with real processes: what it starts, keeps alive, replaces and ends."""

import hashlib
import os
import re
import signal
import time
from pathlib import Path

import pytest
import trio

from loadtests.stand.ports import free_port
from runtime.children.polling import until
from runtime.embedded.data_directory import DataDirectory
from runtime.embedded.probe import probe
from tests.runtime.serving import Serving, eventually, running, write_configuration

pytestmark = pytest.mark.e2e


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def verification() -> str:
    """The platform's first request, signed with the account's token."""
    now = str(int(time.time()))
    signature = hashlib.sha1("".join(sorted(("callback9", now, "n"))).encode()).hexdigest()
    return f"/callback/traffic?signature={signature}&timestamp={now}&nonce=n&echostr=hello"


async def both_ready(serving: Serving) -> dict[str, int]:
    """The workers' pids by slot."""
    found: dict[str, int] = {}
    while len(found) < 2:
        line = await serving.logged("a worker is ready")
        found[line["slot"]] = line["worker_pid"]
    await serving.ready()
    return found


async def test_it_says_ready_serves_and_drains_on_sigterm(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        workers = await both_ready(serving)
        metrics = DataDirectory(str(tmp_path / "data")).metrics
        assert set(workers) == {"gateway-0", "pusher-0"}
        assert metrics.stat().st_mode & 0o077 == 0
        assert await serving.get("/livez") == (200, "live")
        serving.process.send_signal(signal.SIGTERM)
        assert await serving.ended() == 0
        assert re.fullmatch(r"ready: http://127\.0\.0\.1:\d+\n", serving.said)
        assert all(is_gone(pid) for pid in workers.values())
        assert await probe(DataDirectory(str(tmp_path / "data")).socket) == "nothing"
        assert not metrics.exists()


async def test_ctrl_c_ends_it_the_same_way(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        serving.process.send_signal(signal.SIGINT)
        assert await serving.ended() == 0


async def test_a_signal_before_it_is_ready_ends_it_in_good_order(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    directory = DataDirectory(str(tmp_path / "data"))
    async with running("serve", tmp_path) as serving:
        await until(directory.socket.exists)
        serving.process.send_signal(signal.SIGTERM)
        assert await serving.ended() == 0
        assert not is_ready(serving)
        assert directory.user() is None


def is_ready(serving: Serving) -> bool:
    return "ready" in serving.said


async def test_a_killed_worker_is_replaced_in_its_slot(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        workers = await both_ready(serving)
        for slot, pid in workers.items():
            os.kill(pid, signal.SIGKILL)
            ended = await serving.logged("a worker ended", slot=slot)
            assert (ended["status"], ended["restart_in_seconds"]) == (-signal.SIGKILL, 0)
            again = await serving.logged("a worker is ready", slot=slot)
            assert again["worker_pid"] != pid
        assert await serving.get("/livez") == (200, "live")


async def test_who_comes_while_the_only_gateway_is_dead_waits_for_the_next_one(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        workers = await both_ready(serving)
        os.kill(workers["gateway-0"], signal.SIGKILL)
        await until(lambda: is_gone(workers["gateway-0"]))
        assert await serving.get("/livez") == (200, "live")


async def test_a_killed_store_comes_back_and_the_gateway_is_ready_again(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    directory = DataDirectory(str(tmp_path / "data"))
    async with running("serve", tmp_path) as serving:
        await both_ready(serving)
        os.kill(int(directory.pid_file.read_text()), signal.SIGKILL)
        await serving.logged("the store serves again")

        async def is_ready_again() -> bool:
            return (await serving.get("/readyz"))[0] == 200

        await eventually(is_ready_again)


async def test_nothing_outlives_a_killed_serve_and_the_next_one_starts(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        workers = await both_ready(serving)
        store = int(DataDirectory(str(tmp_path / "data")).pid_file.read_text())
        serving.process.kill()
        await until(lambda: all(is_gone(pid) for pid in (*workers.values(), store)))
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        assert await serving.get(verification()) == (200, "hello")


async def test_a_second_serve_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as first:
        await first.ready()
        async with running("serve", tmp_path) as second:
            assert await second.ended() == 1
            assert [line["event"] for line in second.lines] == [
                f"tidegate: store.data_dir: {tmp_path}/data is in use by the serve with pid {first.process.pid}"
            ]


async def test_a_port_in_use_is_refused_although_gateways_share_theirs(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as first:
        await first.ready()
        taken = f"127.0.0.1:{first.address[1]}"
        other = {"TIDEGATE_SERVER__BIND": taken, "TIDEGATE_STORE__DATA_DIR": "other"}
        async with running("serve", tmp_path, **other) as second:
            assert await second.ended() == 1
            [line] = second.lines
            assert line["event"].startswith(f"tidegate: server.bind: cannot listen on {taken}: Address already in use")


async def test_metrics_of_all_processes_and_the_store_are_in_one_place(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        await both_ready(serving)
        line = await serving.ever_logged("metrics are exported")
        host, _, port = line["bind"].rpartition(":")

        async def shows_the_store() -> bool:
            _, text = await serving.get("/metrics", (host, int(port)))
            return "tidegate_store_memory_bytes " in text

        await eventually(shows_the_store)
        _, text = await serving.get("/metrics", (host, int(port)))
        assert 'tidegate_queue_depth{account="",queue="events"} 0.0' in text
        assert 'tidegate_callbacks_total{account="traffic",event="other",result="shed"} 0.0' in text
        assert 'tidegate_pushes_finished_total{account="traffic",channel="template",state="dead"} 0.0' in text
        assert 'tidegate_build_info{commit="unknown",version=' in text


async def test_metrics_answer_as_soon_as_it_says_ready(tmp_path: Path) -> None:
    address = ("127.0.0.1", free_port())
    write_configuration(tmp_path)
    async with running("serve", tmp_path, TIDEGATE_METRICS__BIND="{}:{}".format(*address)) as serving:
        await serving.ready()
        status, text = await serving.get("/metrics", address)
        assert (status, "tidegate_build_info" in text) == (200, True)


async def test_sighup_replaces_every_worker_without_failing_a_request(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        old = await both_ready(serving)
        write_configuration(tmp_path, server="processes = 2")
        statuses: list[int] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask_all_the_time, serving, statuses)
            serving.process.send_signal(signal.SIGHUP)
            await serving.logged("the new configuration is applied")
            nursery.cancel_scope.cancel()
        assert set(statuses) == {200}
        ready = [line for line in serving.lines if line["event"] == "a worker is ready"]
        assert [line["slot"] for line in ready[2:]] == ["gateway-1", "gateway-2", "pusher-1"]
        assert all(is_gone(pid) for pid in old.values())


async def test_sighup_shows_the_queues_of_an_account_that_is_new(tmp_path: Path) -> None:
    file = write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        await both_ready(serving)
        host, _, port = (await serving.ever_logged("metrics are exported"))["bind"].rpartition(":")
        second = '[[accounts]]\nname = "metro"\napp_id = "wx2"\napp_secret = "s"\ntoken = "callback8"\n'
        file.write_text(file.read_text() + second)
        serving.process.send_signal(signal.SIGHUP)
        await serving.logged("the new configuration is applied")

        async def shows_the_account() -> bool:
            _, text = await serving.get("/metrics", (host, int(port)))
            return 'tidegate_queue_depth{account="metro",queue="high"} 0.0' in text

        await eventually(shows_the_account)


async def test_sighup_changes_the_level_of_every_process(tmp_path: Path) -> None:
    file = write_configuration(tmp_path)
    quiet = file.read_text()
    file.write_text(quiet + '[logs]\nlevel = "error"\n')
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        file.write_text(quiet + '[logs]\nlevel = "debug"\n')
        serving.process.send_signal(signal.SIGHUP)
        await serving.logged("pusher ready", role="pusher")
        await serving.logged("the new configuration is applied", role="supervisor")
        assert "a worker is ready" not in [line["event"] for line in serving.lines]


async def ask_all_the_time(serving: Serving, statuses: list[int]) -> None:
    while True:
        status, _ = await serving.get("/livez")
        statuses.append(status)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"server": "procesess = 2"}, "tidegate.toml: server.procesess: unknown key; did you mean server.processes?"),
        ({"store": "shards = 8"}, "store: changed; that takes a restart of serve"),
    ],
)
async def test_sighup_with_a_configuration_that_cannot_be_applied_changes_nothing(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        await both_ready(serving)
        write_configuration(tmp_path, **change)
        serving.process.send_signal(signal.SIGHUP)
        line = await serving.logged("the configuration is not applied")
        assert line["reason"] == reason
        assert await serving.get("/livez") == (200, "live")


async def test_a_store_of_another_layout_is_a_configuration_error(tmp_path: Path) -> None:
    write_configuration(tmp_path)
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        serving.process.send_signal(signal.SIGTERM)
        await serving.ended()
    write_configuration(tmp_path, store="shards = 8")
    async with running("serve", tmp_path) as serving:
        assert await serving.ended() == 2
        [complaint] = [line["event"] for line in serving.lines if line["event"].startswith("tidegate:")]
        assert complaint.endswith("set store.shards = 4")
