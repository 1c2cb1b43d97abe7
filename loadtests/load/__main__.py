"""`python -m loadtests.load SCENARIO`: one Locust scenario without a web page, ended by the audit.

Without `--host` it starts a stand (a simulated platform and a whole `serve`) and loads that. The last line on stdout is
JSON, what is for people goes to stderr. Exit status: 0 passed, 1 failed, 2 wrong usage, 3 void (the generator did not
keep up, so the run says nothing).
"""

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import trio
import typer
from msgspec import Struct
from redis import RedisError
from rich.console import Console

from loadtests.audit.auditor import AuditSources, audit
from loadtests.audit.drain import until_drained
from loadtests.audit.platform_reader import PlatformUnreachableError
from loadtests.audit.report import AuditReport
from loadtests.load.locust_run import LocustFailedError, LocustRun, run_locust
from loadtests.load.request import LoadRequest, RefusedLoadError, check
from loadtests.load.summary import render_load, summarize
from loadtests.platform.options import Mode, SimulatorOptions
from loadtests.scenarios.catalog import SCENARIOS, Plan
from loadtests.scenarios.options import LoadOptions, environment_name
from loadtests.stand.configuration import ACCOUNT, UPSTREAM_KEY
from loadtests.stand.options import StandOptions
from loadtests.stand.process import StandError
from loadtests.stand.stand import open_stand

_STAND_AES_KEY = "tidegateLoadTestKey000000000000000000000000"


class Ended(Struct, frozen=True):
    """A run and its audit; `report` None where there was no store to read."""

    run: LocustRun
    report: AuditReport | None = None
    drained: bool = True


async def load(request: LoadRequest, plan: Plan, *, html: Path | None = None, drain_seconds: float = 60.0) -> Ended:
    """Run a checked request. Raises StandError, LocustFailedError, RedisError or PlatformUnreachableError."""
    with tempfile.TemporaryDirectory(prefix="tidegate-load-") as name:
        locust = partial(run_locust, plan, folder=Path(name), processes=request.processes, html=html)
        if request.host:
            run = await locust(request.options, request.host.rstrip("/"))
            if not request.store:
                return Ended(run)
            return await _audit(run, request.options.account, request.store, request.platform, drain_seconds)
        platform = SimulatorOptions(
            mode=request.options.mode, aes_key=_STAND_AES_KEY, receipt_delay=0.3, mute_failures=0
        )
        async with open_stand(platform, StandOptions(per_second=plan.scenario.per_second)) as stand:
            options = msgspec.structs.replace(
                request.options,
                account=ACCOUNT,
                token=platform.token,
                aes_key=platform.aes_key,
                app_id=platform.app_id,
                original_id=platform.original_id,
                upstream_key=UPSTREAM_KEY,
            )
            run = await locust(options, stand.gateway_url)
            return await _audit(run, ACCOUNT, stand.store_url, stand.platform_url, drain_seconds)


async def _audit(run: LocustRun, account: str, store: str, platform: str, drain_seconds: float) -> Ended:
    drained = False
    with trio.move_on_after(drain_seconds):
        await until_drained(store, platform)
        drained = True
    sources = AuditSources(
        store_url=store, platform_url=platform, account=account, spike=run.spike, campaign=run.campaign
    )
    return Ended(run, await trio.to_thread.run_sync(audit, sources), drained)


def main(
    scenario: Annotated[str, typer.Argument(help=", ".join(SCENARIOS))],
    *,
    scale: Annotated[float, typer.Option(help="share of the full size (0: the scenario's own)")] = 0,
    seconds: Annotated[float, typer.Option(help="how long the curve is drawn out (0: the scenario's own)")] = 0,
    users: Annotated[int, typer.Option(help="users at the peak (0: as the scenario's pace asks for)")] = 0,
    capacity: Annotated[float, typer.Option(help="overload_ramp: callbacks a second the target can do")] = 0,
    processes: Annotated[int, typer.Option(help="Locust processes on this machine")] = 1,
    html: Annotated[Path | None, typer.Option(help="write Locust's report here")] = None,
    mode: Annotated[Mode | None, typer.Option(help="of callbacks (default: secure; with --host plaintext)")] = None,
    host: Annotated[str, typer.Option(help="a running system, instead of a stand")] = "",
    account: Annotated[str, typer.Option(help="with --host: its account")] = "",
    token: Annotated[str, typer.Option(envvar=environment_name("token"), help="with --host: signs callbacks")] = "",
    aes_key: Annotated[str, typer.Option(envvar=environment_name("aes_key"), help="with --host: EncodingAESKey")] = "",
    app_id: Annotated[str, typer.Option(help="with --host: for encryption")] = "",
    original_id: Annotated[str, typer.Option(help="with --host: gh_…")] = "",
    key: Annotated[str, typer.Option(envvar=environment_name("upstream_key"), help="with --host: may enqueue")] = "",
    store: Annotated[str, typer.Option(help="with --host: the store's address, to audit it")] = "",
    platform: Annotated[str, typer.Option(help="with --host: a simulator's address, for the audit")] = "",
    owned: Annotated[bool, typer.Option("--i-own-this-system", help="with --host beyond this machine")] = False,
    late: Annotated[float, typer.Option(help="seconds after which an acknowledgement counts as late")] = 1.0,
    drain_seconds: Annotated[float, typer.Option(help="how long what was sent may take to get through")] = 60.0,
) -> None:
    """Load Tidegate with one scenario, and audit what it acknowledged."""
    request = LoadRequest(
        scenario=scenario,
        options=LoadOptions(
            scale=scale,
            seconds=seconds,
            peak_users=users,
            capacity=capacity,
            account=account,
            token=token,
            aes_key=aes_key,
            app_id=app_id,
            original_id=original_id,
            mode=mode or ("plaintext" if host else "secure"),
            upstream_key=key,
            late=late,
        ),
        processes=processes,
        host=host,
        store=store,
        platform=platform,
        owned=owned,
    )
    console = Console(stderr=True)
    try:
        plan = check(request)
    except RefusedLoadError as error:
        typer.echo(f"load: {error}", err=True)
        raise typer.Exit(2) from error
    console.print(
        f"{plan.scenario.name}: {plan.arrivals:,.0f} arrivals in {plan.seconds:g} s,"
        f" {plan.peak_rate:,.0f} a second and {plan.peak_users:,} users at the peak"
    )
    try:
        ended = trio.run(lambda: load(request, plan, html=html, drain_seconds=drain_seconds))
    except (StandError, LocustFailedError, RedisError, PlatformUnreachableError, ValueError) as error:
        typer.echo(f"load: {error}", err=True)
        raise typer.Exit(1) from error
    summary = summarize(plan, ended.run, ended.report, drained=ended.drained)
    console.print(render_load(summary, ended.report))
    print(msgspec.json.encode(summary).decode())
    raise typer.Exit(summary.status)


if __name__ == "__main__":
    typer.run(main)
