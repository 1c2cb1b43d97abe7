"""A recording of four seconds, made up, that the report's tests share."""

import pytest

from loadtests.audit.report import AuditReport, CallbackAudit, PushAudit
from loadtests.ledgers import CampaignRow, SpikeRow
from loadtests.platform.ledger import SendRow
from loadtests.report.machine import Commit, Machine
from loadtests.report.page import Origin
from loadtests.report.recording import Depth, Recording


def called(number, ended, latency, *answers, acked=True):
    return SpikeRow(
        openid=f"oSpike{number}", type="text", name="", created=1, key="", msgid=str(number), acked=acked,
        answers=answers or ("200",), latency=latency, began=ended - latency, ended=ended,
    )  # fmt: skip


def pushed(number, ended, priority="normal"):
    return CampaignRow(
        key=str(number), id=f"0-{number}", status="queued", recipient=f"oPush{number}", priority=priority,
        batch=1, began=0, ended=ended,
    )  # fmt: skip


def sent(number, at, *, repeat=False):
    return SendRow(at=at, app_id="wx1", openid="oA", client_msg_id=f"0-{number}", msgid=number, repeat=repeat)


@pytest.fixture(scope="session")
def recording():
    return Recording(
        per_second=2_000,
        spike=[
            called(1, 0.5, 0.010),
            called(2, 0.9, 0.030),
            called(3, 2.0, 0.050, "503", "200"),
            called(4, 3.1, 0, "timeout", acked=False),
        ],
        campaign=[pushed(1, 0.2, "high"), pushed(2, 0.2), pushed(3, 0.2)],
        sends=[sent(1, 1.2), sent(2, 2.2), sent(3, 3.2), sent(3, 3.9, repeat=True)],
        depths=[Depth(at=0.5, pushes=3, events=1), Depth(at=2.5, pushes=1, events=0)],
        audit=AuditReport(
            callbacks=CallbackAudit(sent=4, acked=3, stored=3),
            pushes=PushAudit(enqueued=3, acked=3, states={"delivered": 3}, platform_accepted=3),
        ),
        drained=True,
        store="Valkey 9.0.0",
    )


@pytest.fixture(scope="session")
def origin():
    return Origin(
        date="2024-04-26 06:30 UTC",
        commit=Commit("abc1234", changed=False),
        command="make report",
        machine=Machine(
            cpu="A CPU", cores=2, memory_gib=4, kernel="Linux 6.1", python="CPython 3.11.7", store="Valkey 9.0.0",
            packages="trio 1",
        ),
    )  # fmt: skip
