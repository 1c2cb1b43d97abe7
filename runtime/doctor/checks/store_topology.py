"""Replication and Cluster: is this a primary, is everybody there, may one of them be lost?"""

from collections.abc import Iterator

from queues.connection.address import PLAIN
from queues.readings.condition import StoreCondition
from queues.settings import StoreSettings
from runtime.doctor.deployment import Deployment, of_each_server
from runtime.doctor.finding import Finding, error, good, note

SUBJECT = "store"


async def examine(deployment: Deployment) -> list[Finding]:
    return of_each_server(deployment, lambda server: judge(server, deployment.settings.store))


def judge(store: StoreCondition, settings: StoreSettings) -> Iterator[Finding]:
    """What there is to say of one store."""
    if store.role not in {"", "master"}:
        yield error(
            SUBJECT,
            f"a replica (its link to the primary is {store.replication_link or 'unknown'})",
            "it takes no writes: every callback and push is answered 503",
            "give the primary's address",
        )
    if store.cluster and store.cluster_state != "ok":
        yield error(
            SUBJECT,
            f"cluster_state {store.cluster_state}",
            "slots without an owner refuse every command",
            "CLUSTER NODES shows who is missing",
        )
    if store.cluster and settings.url.partition(":")[0] in PLAIN:
        yield error(
            SUBJECT,
            "one of a Cluster's servers, addressed as if it were alone",
            "calls for the slots of the others are refused",
            "write store.url as redis+cluster://host:port,host:port",
        )
    wanted = settings.replicas if settings.durability == "replica" else 0
    if store.replicas < wanted:
        yield error(
            SUBJECT,
            f"{store.replicas} replicas in step, store.replicas is {wanted}",
            "no append is confirmed: callbacks and pushes are answered 503",
            "bring the replicas back, or lower store.replicas",
        )
    elif wanted and store.replicas == wanted and settings.url.partition(":")[0] not in PLAIN:
        yield note(
            SUBJECT,
            f"primary, {store.replicas} replicas in step, all of them needed",
            "after a failover nothing is confirmed until another replica has joined",
            "add a replica",
        )
    elif store.role == "master":
        yield good(SUBJECT, f"primary, {store.replicas} replicas in step")
