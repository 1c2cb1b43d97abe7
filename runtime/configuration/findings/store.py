"""What may be wrong with `[store]`."""

from collections.abc import Iterator

from queues.connection.address import SCHEMES, read_address
from queues.settings import StoreSettings
from runtime.configuration.findings import ranges
from runtime.configuration.findings.ranges import Finding
from runtime.configuration.suggestions import did_you_mean

_MAX_SHARDS = 256


def store_findings(store: StoreSettings) -> Iterator[Finding]:
    yield from _store_url(store.url)
    if not store.data_dir:
        yield ("store", "data_dir"), "empty; name a directory for the embedded store's files"
    yield from ranges.between(("store", "shards"), store.shards, 1, _MAX_SHARDS)
    yield from ranges.at_least(("store", "replicas"), store.replicas, 1)
    yield from ranges.at_least(("store", "max_memory_bytes"), store.max_memory_bytes, 0)
    yield from ranges.between(("store", "retain_events_seconds"), store.retain_events_seconds, 1, ranges.MAX_SECONDS)
    if store.url == "embedded" and store.durability == "replica":
        yield (
            ("store", "durability"),
            "the embedded store has no replicas; choose fsync or memory, or give store.url a store that has them",
        )


def _store_url(url: str) -> Iterator[Finding]:
    if url == "embedded":
        return
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        advice = did_you_mean(scheme, (*SCHEMES, "embedded"))
        yield ("store", "url"), f"expected embedded or a URL with {known}{advice}"
        return
    try:
        read_address(url)
    except ValueError as error:
        yield ("store", "url"), str(error)
