"""Two answers of `/metrics`, ten seconds apart."""

from runtime.top.interval import Interval
from runtime.top.scrape import parse_scrape

_TEXT = """\
# TYPE tidegate_build_info gauge
tidegate_build_info{{commit="abc",version="1.2.3"}} 1
# TYPE tidegate_callbacks_total counter
tidegate_callbacks_total{{account="traffic",event="text",result="accepted"}} {accepted}
tidegate_callbacks_total{{account="traffic",event="text",result="duplicate"}} {duplicate}
tidegate_callbacks_total{{account="traffic",event="other",result="shed"}} {shed}
tidegate_callbacks_total{{account="other",event="other",result="rejected_account"}} {shed}
# TYPE tidegate_callback_seconds histogram
tidegate_callback_seconds_bucket{{account="traffic",le="0.01"}} {fast}
tidegate_callback_seconds_bucket{{account="traffic",le="0.02"}} {accepted}
tidegate_callback_seconds_bucket{{account="traffic",le="+Inf"}} {accepted}
# TYPE tidegate_push_attempts_total counter
tidegate_push_attempts_total{{account="traffic",channel="template",verdict="sent"}} {sent}
tidegate_push_attempts_total{{account="traffic",channel="template",verdict="retry"}} {retried}
# TYPE tidegate_push_errcodes_total counter
tidegate_push_errcodes_total{{account="traffic",errcode="0"}} {sent}
tidegate_push_errcodes_total{{account="traffic",errcode="-1"}} {retried}
# TYPE tidegate_pushes_finished_total counter
tidegate_pushes_finished_total{{account="traffic",channel="template",state="delivered"}} {sent}
tidegate_pushes_finished_total{{account="parking",channel="template",state="delivered"}} 5
# TYPE tidegate_queue_depth gauge
tidegate_queue_depth{{account="traffic",queue="high"}} 20
tidegate_queue_depth{{account="traffic",queue="bulk"}} 400
tidegate_queue_depth{{account="parking",queue="normal"}} 7
tidegate_queue_depth{{account="",queue="events"}} 3
# TYPE tidegate_queue_oldest_seconds gauge
tidegate_queue_oldest_seconds{{account="traffic",queue="bulk"}} 90
tidegate_queue_oldest_seconds{{account="",queue="events"}} 2.5
# TYPE tidegate_quota_limit gauge
tidegate_quota_limit{{account="traffic",api="template"}} 1000
tidegate_quota_limit{{account="parking",api="template"}} 100
# TYPE tidegate_quota_spent gauge
tidegate_quota_spent{{account="traffic",api="template"}} 580
tidegate_quota_spent{{account="parking",api="template"}} 100
# TYPE tidegate_quota_parked gauge
tidegate_quota_parked{{account="parking",api="template"}} 1
# TYPE tidegate_breaker_open gauge
tidegate_breaker_open{{account="traffic"}} 0
# TYPE tidegate_store_memory_bytes gauge
tidegate_store_memory_bytes 5242880
# TYPE tidegate_store_up gauge
tidegate_store_up 1
# TYPE tidegate_store_max_memory_bytes gauge
tidegate_store_max_memory_bytes 67108864
# TYPE tidegate_admission_level gauge
tidegate_admission_level 1.5
# TYPE tidegate_processes gauge
tidegate_processes{{role="gateway"}} 2
# TYPE tidegate_process_starts_total counter
tidegate_process_starts_total{{role="gateway"}} 14
# TYPE tidegate_process_cpu_seconds_total counter
tidegate_process_cpu_seconds_total{{role="gateway"}} {cpu}
# TYPE tidegate_process_memory_bytes gauge
tidegate_process_memory_bytes{{role="gateway"}} 41943040
# TYPE tidegate_process_open_files gauge
tidegate_process_open_files{{role="gateway"}} 300
# TYPE tidegate_process_max_files gauge
tidegate_process_max_files{{role="gateway"}} 2000
# TYPE tidegate_store_errors_total counter
tidegate_store_errors_total{{operation="take"}} {shed}
# TYPE tidegate_loop_lag_seconds histogram
tidegate_loop_lag_seconds_bucket{{role="gateway",le="0.5"}} 0
tidegate_loop_lag_seconds_bucket{{role="gateway",le="+Inf"}} {sent}
"""

BEFORE = _TEXT.format(accepted=0, duplicate=0, shed=0, fast=0, sent=100, retried=10, cpu=1)
AFTER = _TEXT.format(accepted=1000, duplicate=50, shed=20, fast=980, sent=500, retried=30, cpu=6)


def interval(before: str = BEFORE, after: str = AFTER) -> Interval:
    return Interval(parse_scrape(before, at=100.0), parse_scrape(after, at=110.0))
