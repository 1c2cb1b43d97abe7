"""`python -m loadtests.audit`: audits a run from its ledgers; exit status 0 only if it passed."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from redis import RedisError
from rich.console import Console

from loadtests.audit.auditor import AuditSources, audit
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
            )
        )
    except (OSError, ValueError, RedisError, msgspec.MsgspecError, PlatformUnreachableError) as error:
        typer.echo(f"audit: {error}", err=True)
        raise typer.Exit(2) from error
    if json:
        print(msgspec.json.encode({"passed": report.passed, "lost": report.lost, "report": report}).decode())
    else:
        Console().print(render(report))
    raise typer.Exit(0 if report.passed else 1)


if __name__ == "__main__":
    typer.run(main)
