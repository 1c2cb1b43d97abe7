"""One process of a role by itself, as Kubernetes or systemd runs it."""

import signal
from pathlib import Path

import pytest

from queues.store import Store
from tests.gateway.http.certificates import make_certificate
from tests.runtime.serving import running, write_configuration

pytestmark = pytest.mark.e2e


async def test_a_gateway_says_ready_exports_its_metrics_and_drains(
    tmp_path: Path, store_url: str, store: Store
) -> None:
    write_configuration(tmp_path, store=f'url = "{store_url}"')
    async with running("gateway", tmp_path) as serving:
        line = await serving.logged("metrics are exported")
        await serving.ready()
        assert await serving.get("/readyz") == (200, "ready")
        host, _, port = line["bind"].rpartition(":")
        _, text = await serving.get("/metrics", (host, int(port)))
        assert 'tidegate_callbacks_total{account="traffic",event="other",result="accepted"} 0.0' in text
        assert "tidegate_build_info{" in text
        serving.process.send_signal(signal.SIGTERM)
        assert await serving.ended() == 0
        assert serving.said.count("\n") == 1


async def test_a_gateway_with_a_certificate_says_so(tmp_path: Path, store_url: str, store: Store) -> None:
    certificate = make_certificate(tmp_path).settings
    tables = f'[server.tls]\ncertificate = "{certificate.certificate}"\nkey = "{certificate.key}"\n'
    write_configuration(tmp_path, server=tables, store=f'url = "{store_url}"')
    async with running("gateway", tmp_path) as serving:
        await serving.ready()
        assert serving.said.startswith("ready: https://")


async def test_a_pusher_drains_and_says_nothing_on_stdout(tmp_path: Path, store_url: str, store: Store) -> None:
    write_configuration(tmp_path, store=f'url = "{store_url}"')
    async with running("pusher", tmp_path) as serving:
        await serving.logged("pusher ready")
        serving.process.send_signal(signal.SIGTERM)
        assert await serving.ended() == 0
        assert serving.said == ""


async def test_serve_takes_a_store_of_its_own_as_well(tmp_path: Path, store_url: str, store: Store) -> None:
    write_configuration(tmp_path, store=f'url = "{store_url}"')
    async with running("serve", tmp_path) as serving:
        await serving.ready()
        assert await serving.get("/readyz") == (200, "ready")
        serving.process.send_signal(signal.SIGTERM)
        assert await serving.ended() == 0
        assert not (tmp_path / "data").exists()


async def test_a_store_that_is_not_there_is_status_1_in_one_line(tmp_path: Path) -> None:
    write_configuration(tmp_path, store='url = "unix:///nowhere/store.sock"')
    async with running("gateway", tmp_path) as serving:
        assert await serving.ended() == 1
        complaints = [line["event"] for line in serving.lines if "level" not in line]
        assert len(complaints) == 1
        assert complaints[0].startswith("tidegate: store.url: cannot reach the store: ")


async def test_a_store_of_another_layout_is_status_2(tmp_path: Path, store_url: str, store: Store) -> None:
    write_configuration(tmp_path, store=f'url = "{store_url}"\nshards = 8')
    async with running("gateway", tmp_path) as serving:
        assert await serving.ended() == 2
        assert serving.lines[-1]["event"].endswith("set store.shards = 4")


async def test_a_metrics_address_in_use_is_status_1(tmp_path: Path, store_url: str, store: Store) -> None:
    write_configuration(tmp_path, store=f'url = "{store_url}"')
    async with running("gateway", tmp_path) as first:
        taken = (await first.logged("metrics are exported"))["bind"]
        async with running("gateway", tmp_path, TIDEGATE_METRICS__BIND=taken) as second:
            assert await second.ended() == 1
            assert (
                second.lines[-1]["event"] == f"tidegate: metrics.bind: cannot listen on {taken}: Address already in use"
            )


async def test_serve_waits_for_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    write_configuration(tmp_path, store='url = "unix:///nowhere/store.sock"')
    async with running("serve", tmp_path) as serving:
        first = await serving.logged("a worker ended", status=1)
        second = await serving.logged("a worker ended", status=1)
        assert second["restart_in_seconds"] > first["restart_in_seconds"]
        serving.process.send_signal(signal.SIGTERM)
        assert await serving.ended() == 0
        assert serving.said == ""


async def test_the_simulator_runs_by_itself_until_it_is_ended(tmp_path: Path) -> None:
    async with running("simulate --bind 127.0.0.1:0 --latency-ms 5 --faults=-1=0.1", tmp_path) as serving:
        await serving.ready()
        serving.process.send_signal(signal.SIGTERM)
        assert await serving.ended() == 0
        assert serving.said.count("\n") == 1
