"""The contract's metrics, by name, type and labels."""

from pathlib import Path

import pytest
from prometheus_client import Counter, Gauge, Histogram

from monitoring import names

CONTRACT = {
    "callbacks_total": (Counter, "account event result"),
    "callback_seconds": (Histogram, "account"),
    "append_batch_size": (Histogram, "kind"),
    "append_seconds": (Histogram, "kind"),
    "admission_wait_seconds": (Histogram, ""),
    "admission_level": (Gauge, ""),
    "connections": (Gauge, ""),
    "connections_refused_total": (Counter, "reason"),
    "pushes_accepted_total": (Counter, "account channel upstream result"),
    "push_attempts_total": (Counter, "account channel verdict"),
    "push_errcodes_total": (Counter, "account errcode"),
    "pushes_finished_total": (Counter, "account channel state"),
    "push_wait_seconds": (Histogram, "account channel priority"),
    "push_send_seconds": (Histogram, "account channel priority"),
    "push_delivery_seconds": (Histogram, "account channel priority"),
    "queue_depth": (Gauge, "account queue"),
    "queue_oldest_seconds": (Gauge, "account queue"),
    "queue_pending": (Gauge, "account queue"),
    "queue_drain_seconds": (Gauge, "account queue"),
    "limit_wait_seconds_total": (Counter, "account api"),
    "quota_limit": (Gauge, "account api"),
    "quota_spent": (Gauge, "account api"),
    "quota_parked": (Gauge, "account api"),
    "token_age_seconds": (Gauge, "account"),
    "token_refresh_total": (Counter, "account result"),
    "breaker_open": (Gauge, "account"),
    "store_seconds": (Histogram, "operation"),
    "store_errors_total": (Counter, "operation"),
    "store_memory_bytes": (Gauge, ""),
    "loop_lag_seconds": (Histogram, "role"),
    "build_info": (Gauge, "version commit"),
}

METRICS = {
    metric.name if isinstance(metric, names.Family) else metric._name + "_total" * isinstance(metric, Counter): metric
    for metric in vars(names).values()
    if isinstance(metric, names.Family | Counter | Gauge | Histogram)
}


@pytest.mark.parametrize("name", CONTRACT)
def test_every_metric_of_the_contract_has_its_type_and_its_labels(name):
    kind, labels = CONTRACT[name]
    metric = METRICS[f"tidegate_{name}"]
    if isinstance(metric, names.Family):
        assert kind is Gauge
        assert metric.labels == tuple(labels.split())
    else:
        assert isinstance(metric, kind)
        assert metric._labelnames == tuple(labels.split())


def test_times_have_edges_at_the_platforms_own_limits():
    times = [metric for name, metric in METRICS.items() if isinstance(metric, Histogram) and name.endswith("_seconds")]
    assert len(times) > 5
    for metric in times:
        assert {0.02, 1, 5} <= set(metric._kwargs["buckets"])


def test_the_documentation_names_every_metric():
    page = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
    assert not [name for name in METRICS if f"`{name.removeprefix('tidegate_')}`" not in page]
