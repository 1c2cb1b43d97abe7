"""Runs every check, each by itself: trouble with one is a finding and hides no other."""

from collections.abc import Awaitable, Callable, Sequence

import structlog

from runtime.doctor.checks import (
    callback,
    configuration,
    machine,
    platform,
    quota,
    store_memory,
    store_persistence,
    store_sentinels,
    store_server,
    store_topology,
)
from runtime.doctor.deployment import Deployment
from runtime.doctor.finding import Finding, warning

log = structlog.get_logger()

Check = Callable[[Deployment], Awaitable[list[Finding]]]

CHECKS: tuple[Check, ...] = (
    configuration.examine,
    machine.examine,
    store_server.examine,
    store_persistence.examine,
    store_memory.examine,
    store_topology.examine,
    store_sentinels.examine,
    callback.examine,
    platform.examine,
    quota.examine,
)


async def examine(deployment: Deployment, checks: Sequence[Check] = CHECKS) -> list[Finding]:
    """Everything the checks found, in their order."""
    findings: list[Finding] = []
    for check in checks:
        name = check.__module__.rpartition(".")[2]
        try:
            findings += await check(deployment)
        except Exception as trouble:
            log.debug("check failed", check=name, exc_info=True)
            found = f"{name} could not be examined: {type(trouble).__name__}"
            findings.append(warning("doctor", found, "it may hide something", "TIDEGATE_LOG=debug shows more"))
    return findings
