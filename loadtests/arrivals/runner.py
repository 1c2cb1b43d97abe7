"""One run from its options: schedule, payloads, connections, engine, report."""

import time
from collections.abc import Callable

from msgspec import Struct

from loadtests.arrivals.book import Book, Retries
from loadtests.arrivals.engine import Engine, Watch
from loadtests.arrivals.histogram import Histogram
from loadtests.arrivals.lag import why_void
from loadtests.arrivals.options import ArrivalOptions, check
from loadtests.arrivals.own_system import resolve
from loadtests.arrivals.payloads import Payloads
from loadtests.arrivals.pool import Pool
from loadtests.arrivals.report import Report
from loadtests.arrivals.schedule import offsets
from loadtests.http_client import parse_target
from loadtests.ledgers import SpikeRow

_INSTANT = 1e-3  # seconds; what is shorter has no rate


class Run(Struct, frozen=True):
    """What a run left: its report, a row for each callback that was sent, and the latencies of those acknowledged."""

    report: Report
    rows: list[SpikeRow]
    latency: Histogram


def run_arrivals(
    options: ArrivalOptions,
    watch: Watch | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> Run:
    """Run it; blocks until the last callback has ended.

    Raises ValueError (its kinds: NotOwnedError, TraceError, TooManyArrivalsError) for options that make no sense, and
    OSError for a trace that cannot be read or connections that cannot be made before the start.
    """
    check(options)
    target = parse_target(options.url)
    address = resolve(target, owned=options.owned)
    due = offsets(options.shape, options.seed)
    pool = Pool(address, options.in_flight, per_address=options.per_address)
    try:
        payloads = Payloads(options, target, due, wall())
        book = Book(due, Retries(options.deliveries, options.pause))
        # Last of all: a connection that says nothing for some seconds is closed by a careful server.
        pool.open(options.opened)
        engine = Engine(due, payloads, pool, book, deadline=options.deadline, watch=watch, clock=clock, wall=wall)
        cpu = time.thread_time()
        seconds = engine.run()
        cpu = time.thread_time() - cpu
    finally:
        pool.close()
    length = getattr(options.shape, "seconds", due[-1] if due else 0.0)  # a trace is as long as its last offset
    report = Report(
        shape=type(options.shape).__name__.lower(),
        void=why_void(book.lag, book.skipped, len(due), options.bounds),
        seconds=round(seconds, 3),
        arrivals=len(due),
        offered_rate=round(len(due) / max(length, _INSTANT), 1),
        acked=book.acked,
        acked_rate=round(book.acked / max(seconds, _INSTANT), 1),
        failed=book.failed,
        skipped=book.skipped,
        repeats=book.repeats,
        repeats_skipped=book.repeats_skipped,
        answers=dict(book.words),
        connections_opened=pool.opened,
        connections_most=pool.most,
        source_addresses=pool.sources,
        cpu_share=round(cpu / max(seconds, _INSTANT), 3),
        latency=book.acked_latency.percentiles(),
        from_write=book.from_write.percentiles(),
        unacked=book.failed_latency.percentiles(),
        lag=book.lag.percentiles(),
    )
    return Run(report, book.rows(payloads.callbacks), book.acked_latency)
