"""The series that exist before their first event are those that the stages count."""

from collections.abc import Sequence
from typing import get_args

import pytest
from prometheus_client import REGISTRY

from monitoring import zeros
from monitoring.names import APPEND_BATCH_SIZE
from pushers.settler import FINAL
from pushers.verdict import VerdictKind
from queues.account import ApiLimit
from queues.errors import StoreUnavailableError
from queues.events import appender as event_appender
from queues.limits.rate import LeaseRequest, lease
from queues.pushes import appender as push_appender
from queues.pushes.settler import settle
from queues.pushes.supply import Supplier
from queues.pushes.sweeper import sweep
from queues.pushes.taker import TakeRequest
from queues.store import Store
from tests.pushers.makers import claim
from tests.queues.makers import FEED, event, outcome, push
from tests.queues.waiting_appender import handed_in


def test_verdicts_and_final_states_are_all_there():
    assert set(zeros.VERDICTS) == set(get_args(VerdictKind))
    assert set(zeros.FINAL_STATES) == FINAL


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The operations that were asked of a store that is away."""
    operations: list[str] = []

    async def away(_store: Store, operation: str, _calls: object) -> None:
        operations.append(operation)
        raise StoreUnavailableError(operation)

    monkeypatch.setattr(Store, "run", away)
    monkeypatch.setattr(Store, "commit", away)
    return operations


def errors(operations: Sequence[str]) -> list[float | None]:
    return [REGISTRY.get_sample_value("tidegate_store_errors_total", {"operation": each}) for each in operations]


async def test_what_a_pusher_asks_of_the_store_has_a_count_of_errors(store, asked):
    zeros.export_pusher_zeros(["city"], [])
    wanted = LeaseRequest(account="city", api="template", limit=ApiLimit(), wanted=1)
    for work in (
        lease(store, wanted),
        Supplier(store).supply(wanted, TakeRequest(feed=FEED, counts={0: 1}, claim_seconds=10)),
        settle(store, [outcome(claim(), "sent")], 60),
        sweep(store, 0),
    ):
        with pytest.raises(StoreUnavailableError):
            await work
    assert len(asked) == 4
    assert None not in errors(asked)


async def test_what_a_gateway_asks_of_the_store_has_a_count_of_errors(store, nursery, asked):
    zeros.export_gateway_zeros(["city"], ["fines"])
    events, pushes = event_appender.EventAppender(store), push_appender.PushAppender(store)
    await nursery.start(events.run)
    await nursery.start(pushes.run)
    with pytest.raises(StoreUnavailableError):
        await handed_in(events.hand_in, event())
    with pytest.raises(StoreUnavailableError):
        await pushes.append([push()])
    assert len(asked) == 2
    assert None not in errors(asked)


def test_an_upstreams_first_webhook_that_is_given_up_is_an_increase():
    zeros.export_pusher_zeros(["city"], ["fines"])
    for result in ("delivered", "retried", "given_up"):
        labels = {"upstream": "fines", "result": result}
        assert REGISTRY.get_sample_value("tidegate_webhooks_total", labels) is not None


def test_the_largest_batches_are_within_the_edges():
    largest = max(event_appender.LARGEST_BATCH, push_appender.LARGEST_BATCH)
    assert max(edge for edge in APPEND_BATCH_SIZE._upper_bounds if edge < float("inf")) >= largest
