"""Makes a `Snapshot` of two scrapes; does no I/O."""

import math
from collections.abc import Iterator

from monitoring import names
from runtime.top.interval import Interval
from runtime.top.snapshot import AccountView, Flow, QueueView, QuotaView, RoleView, Snapshot, StoreView, Trouble

NEARLY = 0.9
"""The share of a quota from which it is a trouble."""

SELDOM_SECONDS = 10.0
"""What processes measure of themselves is up to five seconds old."""

_REFUSED = ("rejected_signature", "rejected_parse", "rejected_account")
_ROLES = ("gateway", "pusher", "supervisor")


def observe(interval: Interval, longer: Interval | None = None) -> Snapshot:
    """What the two scrapes show; `longer` ends with the same one, for what is measured seldom."""
    quotas = tuple(_quotas(interval))
    accounts = [_account(interval, name, quotas) for name in sorted(_account_names(interval))]
    return Snapshot(
        version=_version(interval),
        seconds=interval.seconds,
        flow=_flow(interval),
        accounts=tuple(sorted(accounts, key=_slowness, reverse=True)),
        quotas=quotas,
        queues=tuple(_queues(interval)),
        roles=tuple(_role(interval, longer or interval, role) for role in _ROLES),
        store=_store(interval),
        connections=interval.gauge(names.CONNECTIONS),
        connections_refused=interval.rate(names.CONNECTIONS_REFUSED),
        shed_level=interval.gauge(names.ADMISSION_LEVEL),
    )


def _version(interval: Interval) -> str:
    built = interval.gauges(names.BUILD_INFO)
    return built[0][0].get("version", "") if built else ""


def _flow(interval: Interval) -> Flow:
    callbacks = interval.rates(names.CALLBACKS, "result")
    pushes = interval.rates(names.PUSHES_ACCEPTED, "result")
    sends = interval.rates(names.PUSH_ATTEMPTS, "verdict")
    ends = interval.rates(names.PUSHES_FINISHED, "state")
    return Flow(
        callbacks=sum(callbacks.values()),
        duplicates=callbacks.get("duplicate", 0.0),
        refused=sum(callbacks.get(result, 0.0) for result in _REFUSED),
        shed=callbacks.get("shed", 0.0),
        callback_p99=interval.quantile(0.99, names.CALLBACK_SECONDS),
        pushes=pushes.get("queued", 0.0) + pushes.get("scheduled", 0.0),
        rejected=pushes.get("rejected", 0.0) + pushes.get("shed", 0.0),
        sends=sum(sends.values()),
        retried=sends.get("retry", 0.0) + sends.get("token", 0.0),
        send_p99=interval.quantile(0.99, names.PUSH_SEND_SECONDS),
        delivered=ends.get("delivered", 0.0),
        failed=ends.get("failed", 0.0),
        dead=ends.get("dead", 0.0),
        delivery_p50=interval.quantile(0.5, names.PUSH_DELIVERY_SECONDS),
    )


def _account_names(interval: Interval) -> set[str]:
    """Every account that anything is said of; callbacks of unknown ones are counted together as another."""
    counted = {
        account
        for counter in (names.CALLBACKS, names.PUSHES_FINISHED)
        for account in interval.rates(counter, "account")
    }
    gauged = {
        labels.get("account", "")
        for gauge in (names.QUEUE_DEPTH, names.BREAKER_OPEN)
        for labels, _ in interval.gauges(gauge)
    }
    return (counted | gauged) - {"", "other"}


def _account(interval: Interval, name: str, quotas: tuple[QuotaView, ...]) -> AccountView:
    sends = interval.rate(names.PUSH_ATTEMPTS, account=name)
    depth = {labels.get("queue", ""): int(value) for labels, value in interval.gauges(names.QUEUE_DEPTH, account=name)}
    ages = [value for _, value in interval.gauges(names.QUEUE_OLDEST_SECONDS, account=name)]
    waiting = sum(depth.values())
    return AccountView(
        name=name,
        high=depth.get("high", 0),
        normal=depth.get("normal", 0),
        bulk=depth.get("bulk", 0),
        oldest=max(ages, default=0.0),
        drain=_drain(interval, name, waiting, sends),
        callbacks=interval.rate(names.CALLBACKS, account=name),
        sends=sends,
        send_p99=interval.quantile(0.99, names.PUSH_SEND_SECONDS, account=name),
        wait_p99=interval.quantile(0.99, names.PUSH_WAIT_SECONDS, account=name),
        troubles=tuple(_troubles(interval, name, quotas)),
    )


def _drain(interval: Interval, account: str, waiting: int, sends: float) -> float | None:
    """The exporter's estimate, which knows the limits; without it, what waits at the rate of now."""
    if not waiting:
        return 0.0
    estimates = [seconds for _, seconds in interval.gauges(names.QUEUE_DRAIN_SECONDS, account=account)]
    if estimates:
        longest = max(estimates)
        return None if math.isinf(longest) else longest
    return waiting / sends if sends else None


def _troubles(interval: Interval, account: str, quotas: tuple[QuotaView, ...]) -> Iterator[Trouble]:
    if interval.gauge(names.BREAKER_OPEN, account=account):
        yield Trouble("platform fails", grave=True)
    stopped = bool(interval.gauge(names.ACCOUNT_STOPPED, account=account))
    if stopped:
        yield Trouble("stopped", grave=True)
    for quota in quotas:
        if quota.account != account:
            continue
        if quota.parked and not stopped:
            yield Trouble(f"{quota.api} held back", grave=True)
        elif quota.share >= NEARLY:
            yield Trouble(f"{quota.api} quota {quota.share:.0%}", grave=quota.share >= 1)
    codes = interval.rates(names.PUSH_ERRCODES, "errcode", account=account)
    refused = {code: rate for code, rate in codes.items() if code != "0" and rate > 0}
    if refused:
        worst = max(refused, key=lambda code: refused[code])
        yield Trouble(f"errcode {worst}: {refused[worst]:.1f}/s")


def _slowness(account: AccountView) -> tuple[float, float, float]:
    """Who waits longest for the last of what waits; without an end in sight is longest of all."""
    drain = float("inf") if account.drain is None else account.drain
    return (drain, account.oldest, account.wait_p99 or 0.0)


def _quotas(interval: Interval) -> Iterator[QuotaView]:
    limits = {_account_and_api(labels): value for labels, value in interval.gauges(names.QUOTA_LIMIT)}
    parked = {_account_and_api(labels): value for labels, value in interval.gauges(names.QUOTA_PARKED)}
    for labels, spent in sorted(interval.gauges(names.QUOTA_SPENT), key=lambda item: _account_and_api(item[0])):
        account, api = _account_and_api(labels)
        limit = limits.get((account, api), 0.0)
        rate = interval.rate(names.PUSH_ATTEMPTS, account=account, channel=api)
        left = (limit - spent) / rate if limit and rate else None
        yield QuotaView(
            account=account,
            api=api,
            spent=int(spent),
            limit=int(limit),
            parked=bool(parked.get((account, api))),
            left_seconds=None if left is None else max(0.0, left),
        )


def _account_and_api(labels: dict[str, str]) -> tuple[str, str]:
    return labels.get("account", ""), labels.get("api", "")


def _queues(interval: Interval) -> Iterator[QueueView]:
    ages = {labels.get("queue"): value for labels, value in interval.gauges(names.QUEUE_OLDEST_SECONDS, account="")}
    claims = sum(pending for labels, pending in interval.gauges(names.QUEUE_PENDING) if labels.get("queue") != "events")
    yield QueueView(name="claims", depth=int(claims), oldest=0.0)
    for queue in ("dead", "events", "later"):
        depth = sum(depth for _, depth in interval.gauges(names.QUEUE_DEPTH, queue=queue))
        yield QueueView(name=queue, depth=int(depth), oldest=ages.get(queue, 0.0))


def _role(interval: Interval, longer: Interval, role: str) -> RoleView:
    return RoleView(
        role=role,
        processes=interval.gauge(names.PROCESSES, role=role),
        starts=interval.total(names.PROCESS_STARTS, role=role),
        starting=interval.rate(names.PROCESS_STARTS, role=role),
        cores=longer.rate(names.PROCESS_CPU_SECONDS, role=role) if longer.seconds >= SELDOM_SECONDS else None,
        memory_bytes=interval.gauge(names.PROCESS_MEMORY_BYTES, role=role),
        open_files=interval.gauge(names.PROCESS_OPEN_FILES, role=role),
        max_files=interval.gauge(names.PROCESS_MAX_FILES, role=role),
        loop_lag_p99=interval.quantile(0.99, names.LOOP_LAG_SECONDS, role=role),
    )


def _store(interval: Interval) -> StoreView:
    up, durable = interval.gauge(names.STORE_UP), interval.gauge(names.STORE_DURABLE)
    return StoreView(
        up=None if up is None else bool(up),
        durable=None if durable is None else bool(durable),
        max_memory_bytes=interval.gauge(names.STORE_MAX_MEMORY_BYTES),
        memory_bytes=interval.gauge(names.STORE_MEMORY_BYTES),
        calls=interval.observations(names.STORE_SECONDS),
        call_p99=interval.quantile(0.99, names.STORE_SECONDS),
        append_p99=interval.quantile(0.99, names.APPEND_SECONDS),
        errors=interval.rate(names.STORE_ERRORS),
    )
