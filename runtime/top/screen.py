"""Draws a `Snapshot`; does no I/O.

Red is what loses or holds back messages now, yellow what will if nobody looks.
"""

import math
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runtime.top.observer import NEARLY
from runtime.top.snapshot import AccountView, Flow, QuotaView, RoleView, Snapshot
from runtime.top.wording import beyond, duration, rate, size

MOST_ACCOUNTS = 12
MOST_QUOTAS = 12

_BAR_CELLS = 20
_BAD, _WARN, _DIM = "bold red", "yellow", "dim"
_SLOW_LAG_SECONDS = 0.1
_SLOW_CALLBACK_SECONDS = 1.0
_LATE_SECONDS = 60.0
_SHED = ("nothing", "pushes", "pushes and receipts", "callbacks too")


def draw(snapshot: Snapshot, address: str, *, trouble: str = "") -> RenderableType:
    """The whole screen; `trouble` says why it is not of now."""
    title = Text.assemble(
        ("Tidegate ", "bold"), snapshot.version, (f"  {address}  over the last {snapshot.seconds:.1f} s", _DIM)
    )
    parts: list[RenderableType] = [title]
    if trouble:
        parts.append(Text(trouble, _BAD))
    parts += [_flow(snapshot.flow), _accounts(snapshot.accounts), _quotas(snapshot.quotas)]
    parts += [_store(snapshot), _processes(snapshot.roles)]
    return Group(*parts)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), expand=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", header_style=_DIM, no_wrap=True)
    return table


def _flow(flow: Flow) -> Table:
    table = _table("\nFlow", "", "rate", "99 % within", "of which")
    table.columns[-1].justify = "left"
    table.add_row(
        "callbacks in",
        rate(flow.callbacks),
        _late(flow.callback_p99, _SLOW_CALLBACK_SECONDS),
        _parts((("repeats", flow.duplicates, ""), ("refused", flow.refused, _WARN), ("shed", flow.shed, _BAD))),
    )
    table.add_row("pushes in", rate(flow.pushes), "", _parts((("rejected", flow.rejected, _WARN),)))
    table.add_row(
        "sends out",
        rate(flow.sends),
        beyond(flow.send_p99),
        _parts((("to be repeated", flow.retried, _WARN), ("dead", flow.dead, _BAD))),
    )
    receipts = Text.assemble(_parts((("failed", flow.failed, _WARN),)))
    if flow.delivery_p50 is not None:
        receipts.append(f"  half within {beyond(flow.delivery_p50)} of acceptance", _DIM)
    table.add_row("receipts", rate(flow.delivered + flow.failed), "", receipts)
    return table


def _accounts(accounts: tuple[AccountView, ...]) -> Table:
    table = _table(
        "\nAccounts, slowest first",
        "account", "high", "normal", "bulk", "oldest", "empty in", "callbacks", "sends", "99 % sent", "99 % waited", "",
    )  # fmt: skip
    table.columns[-1].justify = "left"
    table.columns[-1].no_wrap = False  # the one that gives way on a narrow terminal
    for account in accounts[:MOST_ACCOUNTS]:
        table.add_row(
            account.name,
            f"{account.high:,}",
            f"{account.normal:,}",
            f"{account.bulk:,}",
            _late(account.oldest if account.waiting else None, _LATE_SECONDS),
            _drain(account),
            rate(account.callbacks),
            rate(account.sends),
            beyond(account.send_p99),
            beyond(account.wait_p99),
            Text(", ").join(Text(each.words, _BAD if each.grave else _WARN) for each in account.troubles),
        )
    _say_the_rest(table, len(accounts) - MOST_ACCOUNTS)
    return table


def _drain(account: AccountView) -> Text:
    if not account.waiting:
        return Text("empty", _DIM)
    return Text("not at all", _BAD) if account.drain is None else Text(duration(account.drain))


def _quotas(quotas: tuple[QuotaView, ...]) -> Table:
    table = _table("\nToday's quotas, fullest first", "account", "api", "spent", "of", "", "used up in", "")
    for column in (1, 4, 6):
        table.columns[column].justify = "left"
    fullest = sorted(quotas, key=lambda quota: (quota.parked, quota.share), reverse=True)
    for quota in fullest[:MOST_QUOTAS]:
        table.add_row(
            quota.account,
            quota.api,
            f"{quota.spent:,}",
            f"{quota.limit:,}" if quota.limit else "no limit",
            _bar(quota),
            duration(quota.left_seconds) if quota.share < 1 else "",
            _quota_state(quota),
        )
    _say_the_rest(table, len(quotas) - MOST_QUOTAS)
    return table


def _quota_state(quota: QuotaView) -> Text:
    if quota.limit and quota.share >= 1:
        return Text("used up", _BAD)
    return Text("held back" if quota.parked else "", _BAD)


def _bar(quota: QuotaView) -> Text:
    if not quota.limit:
        return Text("")
    filled = min(_BAR_CELLS, round(quota.share * _BAR_CELLS))
    style = _BAD if quota.share >= 1 else _WARN if quota.share >= NEARLY else "green"
    return Text.assemble(("━" * filled, style), ("━" * (_BAR_CELLS - filled), _DIM), f" {quota.share:4.0%}")


def _store(snapshot: Snapshot) -> Table:
    table = _table("\nGateway and store", "", "")
    table.show_header = False
    table.columns[1].justify = "left"
    connections = "–" if snapshot.connections is None else f"{snapshot.connections:,.0f}"
    table.add_row("connections", Text.assemble(connections, "   ", _count("refused", snapshot.connections_refused)))
    table.add_row("shedding", _shedding(snapshot.shed_level))
    table.add_row("queues", "   ".join(f"{queue.name} {queue.depth:,}" for queue in snapshot.queues) or "–")
    oldest = max((queue.oldest for queue in snapshot.queues if queue.name == "events"), default=0.0)
    table.add_row("events wait", duration(oldest) if oldest else Text("not", _DIM))
    store = snapshot.store
    state = Text("")
    if store.up is False:
        state = Text("does not answer", _BAD)
    elif store.durable is False:
        state = Text("is not as durable as configured", _BAD)
    room = f" of {size(store.max_memory_bytes)}" if store.max_memory_bytes else ""
    calls = f"{rate(store.calls)} calls, 99 % within {beyond(store.call_p99)}"
    commits = f"commits, 99 % within {beyond(store.append_p99)}"
    table.add_row(
        "store",
        Text("   ").join(
            [
                Text(size(store.memory_bytes) + room),
                Text(calls),
                Text(commits),
                _count("errors", store.errors, _BAD),
                state,
            ]
        ),
    )
    return table


def _processes(roles: tuple[RoleView, ...]) -> Table:
    table = _table("\nProcesses", "role", "running", "started", "cores", "memory", "files", "loop wakes late by")
    for view in roles:
        if view.processes is None and view.loop_lag_p99 is None:
            continue
        files = "–" if view.open_files is None else f"{view.open_files:,.0f} of {view.max_files or 0:,.0f}"
        table.add_row(
            view.role,
            "–" if view.processes is None else f"{view.processes:,.0f}",
            Text(f"{view.starts:,.0f}", _WARN if view.starting else ""),
            "–" if view.cores is None else f"{view.cores:.2f}",
            size(view.memory_bytes),
            files,
            _late(view.loop_lag_p99, _SLOW_LAG_SECONDS),
        )
    return table


def _shedding(level: float | None) -> Text:
    if level is None:
        return Text("–")
    if not level:
        return Text("nothing", _DIM)
    return Text(f"level {level:.1f}: {_SHED[min(len(_SHED) - 1, math.ceil(level))]}", _BAD)


def _late(seconds: float | None, limit: float) -> Text:
    return Text(beyond(seconds), _WARN if seconds is not None and seconds > limit else "")


def _parts(parts: Iterable[tuple[str, float, str]]) -> Text:
    return Text("  ").join(_count(name, value, style) for name, value, style in parts)


def _count(name: str, a_second: float, style: str = _WARN) -> Text:
    return Text(f"{name} {rate(a_second)}", style if a_second else _DIM)


def _say_the_rest(table: Table, count: int) -> None:
    if count > 0:
        table.add_row(Text(f"and {count} more", _DIM))
