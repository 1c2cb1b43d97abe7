"""What a Locust run measured, and what is to be thought of it. Pure: Locust writes it, the runner reads and judges."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from loadtests.audit.report import AuditReport
from loadtests.scenarios.catalog import Plan

RESULT_FILE = "result.json"

ACKED_LATE = "acked_late"
RETRIED = "retried"
SHED = "shed"
GIVEN_UP = "given_up"
REPEATED = "repeated"
CUT_OFF = "cut_off"
HELD_OPEN = "held_open"
FORGERY_TAKEN = "forgery_taken"
LAG = "generator_lag"

OUTCOMES: Mapping[str, str] = {
    ACKED_LATE: "acknowledged, but later than --late after it was first sent, repeats included",
    RETRIED: "sent once more because there was no answer that counts; the time is since it was first sent",
    SHED: "refused under load, with 503 or 429",
    GIVEN_UP: "never acknowledged: the platform's three deliveries, or an upstream's patience, were used up",
    REPEATED: "delivered once more although it was acknowledged, as the platform does when it misses an answer",
    CUT_OFF: "a client that misbehaves was refused, or closed within its deadline, as it should be",
    HELD_OPEN: "a client that misbehaves was still being waited for after the deadline",
    FORGERY_TAKEN: "a callback with a wrong signature was acknowledged",
    LAG: "how late the generator itself wakes up; a slow generator measures itself",
}

ENOUGH = 0.8
"""A run that began less than this share of its arrivals did not offer what it says."""

MAX_LAG_SECONDS = 0.25
"""At the 99th percentile; above it, the times a run reports are rather the generator's own."""


class Measured(Struct, frozen=True, kw_only=True):
    """Figures of all processes together; times in seconds. `began` counts arrivals, `outcomes` those of OUTCOMES."""

    requests: int = 0
    failures: int = 0
    began: int = 0
    p50: float = 0
    p99: float = 0
    slowest: float = 0
    outcomes: Mapping[str, int] = {}
    lag_p99: float = 0
    cpu_warning: bool = False

    def count(self, outcome: str) -> int:
        return self.outcomes.get(outcome, 0)


def why_void(plan: Plan, measured: Measured) -> Sequence[str]:
    """The reasons why a run says nothing about the target: the generator did not keep up. Empty for a good one."""
    reasons = []
    if measured.cpu_warning:
        reasons.append("Locust ran out of processor (over 90 % in one of its processes)")
    if measured.lag_p99 > MAX_LAG_SECONDS:
        reasons.append(f"the generator woke up {measured.lag_p99:.2f} s late (99th percentile)")
    if measured.began < ENOUGH * plan.arrivals:
        reasons.append(f"{measured.began:,} of {plan.arrivals:,.0f} arrivals were offered")
    return reasons


def why_failed(measured: Measured, acked: int, report: AuditReport | None) -> Sequence[str]:
    """The reasons why the target failed, whatever the generator did. `report` None: nothing was audited."""
    reasons = []
    if not acked:
        reasons.append(
            "nothing at all was acknowledged: see the failures; a wrong address, token or key looks like this"
        )
    if measured.count(FORGERY_TAKEN):
        reasons.append(f"{measured.count(FORGERY_TAKEN):,} forged callbacks were acknowledged")
    if measured.count(HELD_OPEN):
        reasons.append(f"{measured.count(HELD_OPEN):,} misbehaving clients were held open past their deadline")
    if report is not None and not report.passed:
        reasons.append(f"the audit failed: {report.lost:,} lost, {report.appended_twice:,} appended twice")
    return reasons
