"""What is found of real stores in the states they are met in, and of some that cannot be made here."""

import pytest
from msgspec import structs

from loadtests.stand.ports import free_port
from queues.connection.connector import connect
from queues.readings.condition import read_condition
from queues.settings import StoreSettings
from runtime.doctor.checks import store_memory, store_persistence, store_server, store_topology
from runtime.doctor.deployment import of_each_server, open_deployment
from tests.runtime.doctor.deployments import deployment, settings
from tests.runtime.doctor.stores import DURABLE, condition_of, valkey

GIGABYTE = 2**30
FSYNC = StoreSettings()


@pytest.fixture(scope="module")
def durable():
    return condition_of(*DURABLE, "--maxmemory", "1gb", "--maxmemory-policy", "noeviction")


def all_of(condition, store_settings=FSYNC):
    return [
        *store_server.judge(condition, store_settings),
        *store_persistence.judge(condition, store_settings),
        *store_memory.judge(condition),
        *store_topology.judge(condition, store_settings),
    ]


def wrong(findings) -> dict[str, str]:
    return {finding.found: finding.severity for finding in findings if finding.severity != "ok"}


def test_a_store_as_it_should_be_has_nothing_wrong(durable):
    assert wrong(all_of(durable)) == {}
    said = [finding.found for finding in all_of(durable)]
    assert any(words.startswith("valkey ") for words in said)
    assert "appendonly yes, appendfsync always" in said
    assert "0% of 1.0 GiB maxmemory used" in said


@pytest.mark.e2e
def test_a_store_that_evicts_would_drop_what_was_acknowledged():
    [finding] = [
        each
        for each in store_memory.judge(condition_of("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
        if each.severity == "error"
    ]
    assert finding.found == "maxmemory-policy allkeys-lru"
    assert finding.consequence == "a full store drops acknowledged events and pushes instead of refusing new ones"
    assert finding.remedy == "CONFIG SET maxmemory-policy noeviction"


@pytest.mark.e2e
def test_a_store_that_has_evicted_says_how_much():
    with valkey("--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru") as client:
        for number in range(4000):
            client.set(f"key:{number}", b"x" * 1000)
        [finding] = [
            each for each in store_memory.judge(read_condition(client)) if each.found.startswith("maxmemory-policy")
        ]
    assert "keys are evicted already" in finding.found


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("arguments", "found", "severity"),
    [
        (("--appendonly", "no"), "appendonly no", "error"),
        (("--appendonly", "yes", "--appendfsync", "no"), "appendfsync no", "error"),
        (("--appendonly", "yes", "--appendfsync", "everysec"), "appendfsync everysec", "warning"),
    ],
)
def test_a_store_that_does_not_keep_what_it_takes(arguments, found, severity):
    assert wrong(store_persistence.judge(condition_of(*arguments), FSYNC)) == {found: severity}


def test_durability_in_memory_is_said_to_lose(durable):
    found = wrong(store_persistence.judge(durable, StoreSettings(durability="memory")))
    assert found == {'store.durability is "memory"': "warning"}


def test_an_append_that_failed_is_an_error(durable):
    failed = structs.replace(durable, last_append="err")
    assert wrong(store_persistence.judge(failed, FSYNC)) == {
        "the last write to the append-only file ended with err": "error"
    }


@pytest.mark.parametrize(("used", "severity"), [(0.5, "ok"), (0.75, "warning"), (0.95, "error")])
def test_memory_is_judged_by_its_share_of_the_bound(durable, used, severity):
    full = structs.replace(durable, used_memory=int(used * GIGABYTE), maxmemory=GIGABYTE)
    [finding] = store_memory.judge(full)
    assert (finding.found, finding.severity) == (f"{used:.0%} of 1.0 GiB maxmemory used", severity)


@pytest.mark.e2e
def test_without_maxmemory_the_kernel_decides():
    assert wrong(store_memory.judge(condition_of())) == {"no maxmemory": "warning"}


@pytest.mark.e2e
def test_a_replica_takes_no_writes():
    replica = condition_of("--replicaof", "127.0.0.1 9")
    [finding] = store_topology.judge(replica, FSYNC)
    assert (finding.severity, finding.found) == ("error", "a replica (its link to the primary is down)")


@pytest.mark.e2e
def test_a_cluster_without_its_slots_refuses_everything():
    lone = condition_of("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    assert wrong(store_topology.judge(lone, FSYNC)) == {"cluster_state fail": "error"}


def test_replicas_that_are_asked_for_must_be_in_step(durable):
    wanted = StoreSettings(durability="replica", replicas=2)
    assert wrong(store_topology.judge(durable, wanted)) == {"0 replicas in step, store.replicas is 2": "error"}


def test_a_failover_must_leave_enough_replicas(durable):
    wanted = StoreSettings(url="redis+sentinel://h/main", durability="replica", replicas=1)
    only = structs.replace(durable, replicas=1)
    assert wrong(store_topology.judge(only, wanted)) == {"primary, 1 replicas in step, all of them needed": "note"}
    assert wrong(store_topology.judge(structs.replace(durable, replicas=2), wanted)) == {}


def test_a_cluster_is_not_addressed_by_one_of_its_servers(durable):
    part = structs.replace(durable, cluster=True, cluster_state="ok")
    lone = "one of a Cluster's servers, addressed as if it were alone"
    assert wrong(store_topology.judge(part, StoreSettings(url="redis://h:1"))) == {lone: "error"}
    assert wrong(store_topology.judge(part, StoreSettings(url="redis+cluster://h:1"))) == {}


def test_of_several_servers_it_is_said_which(durable):
    servers = [structs.replace(durable, address=address) for address in ("a:1", "b:1")]
    found = of_each_server(deployment(conditions=servers), lambda server: store_topology.judge(server, FSYNC))
    assert [finding.subject for finding in found] == ["store a:1", "store b:1"]


def test_another_number_of_shards_starts_nothing(durable):
    other = structs.replace(durable, shards=8)
    assert wrong(store_server.judge(other, FSYNC)) == {"its data has 8 shards, store.shards is 4": "error"}


@pytest.mark.parametrize(
    ("version", "severity"), [("5.0.14", "error"), ("6.0.9", "error"), ("6.2.0", "ok"), ("7.4.1", "ok")]
)
def test_an_old_redis_lacks_commands(durable, version, severity):
    old = structs.replace(durable, server="redis", version=version)
    [finding] = [each for each in store_server.judge(old, FSYNC) if each.found == f"redis {version}"]
    assert finding.severity == severity


@pytest.mark.parametrize(("ahead", "severity"), [(0.2, "ok"), (-5, "warning"), (3600, "error")])
def test_the_clocks_are_compared(durable, ahead, severity):
    skewed = structs.replace(durable, clock_ahead=ahead, clock_doubt=0.001)
    [finding] = [each for each in store_server.judge(skewed, FSYNC) if "clock" in each.found]
    assert finding.severity == severity


def test_what_the_doubt_explains_is_no_skew(durable):
    slow = structs.replace(durable, clock_ahead=1.5, clock_doubt=1.4)
    assert not any("clock" in words for words in wrong(store_server.judge(slow, FSYNC)))


def test_a_store_short_of_clients_and_one_with_large_hashes(durable):
    crowded = structs.replace(durable, clients=9000, max_clients=10_000, hash_max_listpack_value=64)
    assert wrong(store_server.judge(crowded, FSYNC)) == {
        "9,000 of 10,000 clients": "warning",
        "hash-max-listpack-value is 64": "note",
    }


def test_a_store_that_hides_its_configuration_is_not_accused(durable):
    hidden = structs.replace(durable, appendonly="", appendfsync="", hash_max_listpack_value=-1)
    assert wrong(all_of(hidden)) == {"does not tell appendonly": "note"}


async def test_a_store_that_is_not_there_is_an_error_without_its_password(tmp_path):
    gone = structs.replace(settings(), store=StoreSettings(url=f"unix://{tmp_path}/gone.sock?password=hush"))
    async with open_deployment(gone, None, "") as deployment:
        [finding] = await store_server.examine(deployment)
        assert await store_memory.examine(deployment) == []
    assert finding.severity == "error"
    assert "does not answer: doctor: ConnectionError" in finding.found
    assert "hush" not in repr(finding)


async def test_an_embedded_store_that_does_not_run_is_said_so(tmp_path):
    idle = structs.replace(settings(), store=StoreSettings(data_dir=str(tmp_path)))
    async with open_deployment(idle, None, "") as deployment:
        [finding] = await store_server.examine(deployment)
    assert (finding.severity, finding.found) == ("note", "embedded, and no serve runs on its directory")


async def test_examining_writes_nothing(store_url):
    client = connect(store_url)
    client.flushall()
    there = structs.replace(settings(), store=StoreSettings(url=store_url))
    async with open_deployment(there, None, "") as deployment:
        assert deployment.conditions
    assert client.dbsize() == 0
    client.close()
