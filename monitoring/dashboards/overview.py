"""Whether people are getting their messages, within ten seconds of looking."""

from monitoring.dashboards.panel import Dashboard, graph, number
from monitoring.dashboards.queries import quantile, rate

_WELL = (
    "1 - (sum(rate(tidegate_callbacks_total{result='shed'}[5m])) + sum(rate(tidegate_callback_seconds_count[5m]))"
    " - sum(rate(tidegate_callback_seconds_bucket{le='5.0'}[5m])))"
    " / sum(rate(tidegate_callbacks_total{result=~'accepted|duplicate|shed'}[5m]))"
)
_ON_TIME = (
    "sum(rate(tidegate_push_wait_seconds_bucket{priority='high',le='5.0'}[5m])"
    " or rate(tidegate_push_wait_seconds_bucket{priority='normal',le='60.0'}[5m])"
    " or rate(tidegate_push_wait_seconds_bucket{priority='bulk',le='14400.0'}[5m]))"
    " / sum(rate(tidegate_push_wait_seconds_count[5m]))"
)

DASHBOARD = Dashboard(
    uid="tidegate-overview",
    title="Tidegate / Overview",
    help="Are people getting their messages, how long does the backlog take, which quota runs out, what is wrong?",
    rows=(
        (
            "Now",
            (
                number(
                    "Callbacks answered", "Within 5 s and not refused for load; five minutes.", "percentunit", _WELL
                ),
                number("Pushes on time", "Sent within high 5 s, normal 1 min, bulk 4 h.", "percentunit", _ON_TIME),
                number(
                    "Backlog is through in",
                    "The slowest queue, at today's rate and quota.",
                    "s",
                    "max(tidegate_queue_drain_seconds)",
                    (300, 3600),
                ),
                number(
                    "Oldest push waits",
                    "Of all queues; overdue retries count from when they were due.",
                    "s",
                    "max(tidegate_queue_oldest_seconds{queue!~'dead|events'})",
                    (60, 900),
                ),
                number(
                    "Fullest quota",
                    "The largest share of a day's quota that is spent.",
                    "percentunit",
                    "max(tidegate_quota_spent / (tidegate_quota_limit > 0))",
                    (0.7, 0.9),
                ),
                number(
                    "Alerts",
                    "That fire now; see docs/runbooks.",
                    "short",
                    "count(ALERTS{alertname=~'Tidegate.*',alertstate='firing'}) or vector(0)",
                    (1, 3),
                ),
            ),
        ),
        (
            "Through the gate",
            (
                graph(
                    "Callbacks",
                    "By what became of them.",
                    "reqps",
                    (rate("tidegate_callbacks_total", "result"), "{{result}}"),
                ),
                graph(
                    "Pushes enqueued",
                    "By what became of each item.",
                    "ops",
                    (rate("tidegate_pushes_accepted_total", "result"), "{{result}}"),
                ),
                graph(
                    "Sends",
                    "By the verdict on the answer.",
                    "ops",
                    (rate("tidegate_push_attempts_total", "verdict"), "{{verdict}}"),
                ),
                graph("Pushes waiting", "By queue.", "short", ("sum by (queue) (tidegate_queue_depth)", "{{queue}}")),
                graph(
                    "Backlog is through in",
                    "The slowest account's, at today's rate and quota.",
                    "s",
                    ("max by (queue) (tidegate_queue_drain_seconds)", "{{queue}}"),
                ),
                graph(
                    "Pushes ended",
                    "By their final state.",
                    "ops",
                    (rate("tidegate_pushes_finished_total", "state"), "{{state}}"),
                ),
            ),
        ),
        (
            "How fast, how full",
            (
                graph(
                    "A callback's answer",
                    "The platform queues from 20 ms on and gives up at 5 s.",
                    "s",
                    (quantile(0.5, "tidegate_callback_seconds"), "half"),
                    (quantile(0.99, "tidegate_callback_seconds"), "99 %"),
                ),
                graph(
                    "From acceptance to the first send",
                    "99 % of pushes, by priority.",
                    "s",
                    (quantile(0.99, "tidegate_push_wait_seconds", "priority"), "{{priority}}"),
                ),
                graph(
                    "Loop lag",
                    "How late processes wake their tasks, 99 %: near 0 while there is CPU left.",
                    "s",
                    (quantile(0.99, "tidegate_loop_lag_seconds", "role"), "{{role}}"),
                ),
            ),
        ),
    ),
)
