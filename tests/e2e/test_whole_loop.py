"""The whole loop on real processes: callbacks in, pushes out, receipts back, and what must never be said aloud."""

import contextlib

import pytest
import trio

from loadtests.platform.options import SimulatorOptions
from loadtests.rehearsal import Load, Plan, Progress, rehearse
from loadtests.stand.configuration import UPSTREAM_KEY

pytestmark = pytest.mark.e2e

PLATFORM = SimulatorOptions(
    mode="secure",
    aes_key="ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvuA",
    latency_ms=5,
    receipt_delay=0.05,
    user_block_share=0.05,
    unsubscribed_share=0.05,
    duplicate_share=0.1,
    faults={"-1": 0.05, "http_500": 0.02},
    mute_failures=0,
)


async def test_in_secure_mode_all_arrives_once_and_no_secret_or_person_is_logged():
    with contextlib.ExitStack() as kept:
        logs = []

        async def keep_log(stand, _progress):
            logs.append(kept.enter_context(stand.log.open()))  # open, it outlives the stand's folder

        with trio.fail_after(240):
            rehearsed = await rehearse(
                Plan(platform=PLATFORM, load=Load(callbacks=600, pushes=400)), Progress(), keep_log
            )
        log = logs[0].read()
    report = rehearsed.report
    assert report.passed
    assert rehearsed.drained
    assert report.callbacks.acked == report.callbacks.stored == 600
    assert report.pushes.acked == 400
    assert report.pushes.count("delivered", "failed", "suppressed") == 400
    assert report.pushes.count("failed") > 0
    assert report.pushes.count("suppressed") > 0
    assert "pusher ready" in log
    people = {row.openid for row in rehearsed.spike.rows} | {row.recipient for row in rehearsed.campaign.rows}
    for secret in (PLATFORM.app_secret, PLATFORM.token, PLATFORM.aes_key, UPSTREAM_KEY, *people):
        assert secret not in log
