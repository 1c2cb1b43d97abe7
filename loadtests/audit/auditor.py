"""The audit as a whole: reads every side, and judges.

It blocks; call it in a thread (`trio.to_thread.run_sync`). It may run while work goes on: each side is read before the
one that must then know at least as much (jobs, platform, event streams), and pushes that move while it reads are looked
at again before they are called lost.
"""

import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from loadtests.audit.callbacks import audit_callbacks, from_platform, from_spike
from loadtests.audit.limits import Limits, audit_limits
from loadtests.audit.order import check_events, check_pushes
from loadtests.audit.platform_reader import PlatformReader
from loadtests.audit.poison import audit_poison
from loadtests.audit.pushes import Job, PlatformView, audit_pushes, stranded
from loadtests.audit.report import AuditReport, CallbackAudit
from loadtests.audit.store_address import open_client
from loadtests.audit.store_reader import StoreReader, StreamRead
from loadtests.ledgers import CampaignRow, SpikeRow

_LOOKS = 5
_PAUSE = 0.3


class AuditSources(Struct, frozen=True, kw_only=True):
    """What to audit. `store_url` as in `[store] url` (for the embedded store its `unix://` address).

    `platform_url` is the simulator's, empty where there is none; `account` limits the event streams to one account;
    `limits` are what each account that the simulator knows may send.
    """

    store_url: str
    platform_url: str = ""
    account: str = ""
    spike: Sequence[SpikeRow] = ()
    campaign: Sequence[CampaignRow] = ()
    limits: Limits = Limits()


def audit(sources: AuditSources, *, sleep: Callable[[float], None] = time.sleep) -> AuditReport:
    """Judge what was acknowledged.

    Raises redis.RedisError or PlatformUnreachableError if a side cannot be read, ValueError for an address or a store
    that is none.
    """
    client = open_client(sources.store_url)
    try:
        store = StoreReader(client)
        jobs, places = _look_at_pushes(store, [row.id for row in sources.campaign if row.acked], sleep)
        platform = PlatformReader(sources.platform_url).view() if sources.platform_url else None
        streams = store.events(sources.account)
    finally:
        client.close()
    spike = from_spike(sources.spike)
    called = from_platform(platform.callbacks if platform else ())
    spike_identities = {callback.identity for callback in spike}
    called_identities = {callback.identity for callback in called}
    return AuditReport(
        callbacks=audit_callbacks(spike, streams.times, others=len(called_identities & streams.times.keys())),
        receipts=audit_callbacks(called, streams.times, others=len(spike_identities & streams.times.keys()))
        if called
        else CallbackAudit(),
        pushes=audit_pushes(sources.campaign, jobs, places, platform),
        poison=audit_poison(sources.campaign, jobs, platform),
        event_order=check_events(sources.spike, streams.first),
        push_order=check_pushes(sources.campaign, jobs, platform.sends if platform else ()),
        limits=audit_limits([*platform.sends, *platform.refusals], sources.limits)
        if platform and sources.limits.given
        else (),
        notes=tuple(_notes(streams, platform)),
    )


def _look_at_pushes(
    store: StoreReader, ids: Sequence[str], sleep: Callable[[float], None]
) -> tuple[dict[str, Job], dict[str, Sequence[str]]]:
    """The jobs and where their ids stand; again for those that seem to stand wrong, since they may just be moving."""
    jobs = store.jobs(ids)
    places = store.places()
    for _ in range(_LOOKS):
        doubtful = {push_id for push_id, job in jobs.items() if stranded(job, places.get(push_id, ()))}
        if not doubtful:
            break
        sleep(_PAUSE)
        jobs |= store.jobs(doubtful)
        seen_again = store.places(only=doubtful)
        places |= {push_id: seen_again.get(push_id, ()) for push_id in doubtful}
    return jobs, places


def _notes(streams: StreamRead, platform: PlatformView | None) -> list[str]:
    notes = []
    if streams.unreadable:
        notes.append(f"{streams.unreadable} stream entries could not be read")
    if platform is None:
        notes.append("no platform: what it accepted was not checked")
    elif not platform.complete:
        notes.append("the platform's ledger forgot some rows: absence there proves nothing")
    return notes
