"""`python -m loadtests.audit`: audits a run from its ledgers; exit status 0 only if it passed."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from redis import RedisError
from rich.console import Console

from loadtests.audit.auditor import AuditSources, audit
from loadtests.audit.limits import Limits
from loadtests.audit.platform_reader import PlatformUnreachableError
from loadtests.audit.summary import render
from loadtests.ledgers import CampaignRow, SpikeRow, read_rows


def main(
    *,
    store: Annotated[str, typer.Option(help="the store's address, as in [store] url")],
    platform: Annotated[str, typer.Option(help="the simulator's address")] = "",
    account: Annotated[str, typer.Option(help="look at one account's events only")] = "",
    spike: Annotated[Path | None, typer.Option(help="a spike's ledger, JSON lines")] = None,
    campaign: Annotated[Path | None, typer.Option(help="a campaign's ledger, JSON lines")] = None,
    per_second: Annotated[float, typer.Option(help="what each account may send in any second; 0: any")] = 0,
    per_day: Annotated[int, typer.Option(help="what each account may send on any day in Beijing; 0: any")] = 0,
    on_the_way: Annotated[
        int, typer.Option(help="sends that may be on their way at once, so many may arrive above a limit")
    ] = 0,
    json: Annotated[bool, typer.Option(help="print the report as JSON")] = False,
) -> None:
    """Compare what was acknowledged with what the store and the platform hold."""
    try:
        report = audit(
            AuditSources(
                store_url=store,
                platform_url=platform,
                account=account,
                spike=read_rows(spike, SpikeRow) if spike else (),
                campaign=read_rows(campaign, CampaignRow) if campaign else (),
                limits=Limits(per_second=per_second, per_day=per_day, on_the_way=on_the_way),
            )
        )
    except (OSError, ValueError, RedisError, msgspec.MsgspecError, PlatformUnreachableError) as error:
        typer.echo(f"audit: {error}", err=True)
        raise typer.Exit(2) from error
    if json:
        verdict = {
            "passed": report.passed,
            "lost": report.lost,
            "order_kept": report.order_kept,
            "limits_kept": report.limits_kept,
            "report": report,
        }
        print(msgspec.json.encode(verdict).decode())
    else:
        Console().print(render(report))
    raise typer.Exit(0 if report.passed else 1)


if __name__ == "__main__":
    typer.run(main)
