"""The way out, and what the platform allows."""

from monitoring.dashboards.panel import Dashboard, graph
from monitoring.dashboards.queries import cpu, quantile, rate

DASHBOARD = Dashboard(
    uid="tidegate-pushers",
    title="Tidegate / Pushers and quotas",
    help="Sends, their verdicts and times; rates, quotas and tokens; what was taken back.",
    rows=(
        (
            "Sends",
            (
                graph("Sends by verdict", "", "ops", (rate("tidegate_push_attempts_total", "verdict"), "{{verdict}}")),
                graph(
                    "The platform's answers",
                    "By errcode; 0 is taken.",
                    "ops",
                    (rate("tidegate_push_errcodes_total", "errcode"), "{{errcode}}"),
                ),
                graph(
                    "Pushes ended",
                    "By final state.",
                    "ops",
                    (rate("tidegate_pushes_finished_total", "state"), "{{state}}"),
                ),
                graph(
                    "One request to the platform",
                    "",
                    "s",
                    (quantile(0.5, "tidegate_push_send_seconds"), "half"),
                    (quantile(0.99, "tidegate_push_send_seconds"), "99 %"),
                ),
                graph(
                    "From acceptance to the first send",
                    "99 %, by priority.",
                    "s",
                    (quantile(0.99, "tidegate_push_wait_seconds", "priority"), "{{priority}}"),
                ),
                graph(
                    "From acceptance to the receipt",
                    "Half of the pushes, by priority.",
                    "s",
                    (quantile(0.5, "tidegate_push_delivery_seconds", "priority"), "{{priority}}"),
                ),
            ),
        ),
        (
            "Rates and quotas",
            (
                graph(
                    "Quota spent",
                    "Share of the day's, by account and API; resets at midnight in Beijing.",
                    "percentunit",
                    ("tidegate_quota_spent / (tidegate_quota_limit > 0)", "{{account}} {{api}}"),
                ),
                graph(
                    "Quota left",
                    "Calls.",
                    "short",
                    ("(tidegate_quota_limit > 0) - tidegate_quota_spent", "{{account}} {{api}}"),
                ),
                graph(
                    "Waiting for the rate",
                    "Seconds a second that feeders wait for the limit.",
                    "s",
                    (rate("tidegate_limit_wait_seconds_total", "account", "api"), "{{account}} {{api}}"),
                ),
                graph(
                    "Held back",
                    "1: parked, stopped, breaker open.",
                    "short",
                    ("max by (account, api) (tidegate_quota_parked)", "{{account}} {{api}} parked"),
                    ("max by (account) (tidegate_account_stopped)", "{{account}} stopped"),
                    ("max by (account) (tidegate_breaker_open)", "{{account}} breaker"),
                ),
                graph(
                    "Token age",
                    "Two hours at most.",
                    "s",
                    ("max by (account) (tidegate_token_age_seconds)", "{{account}}"),
                ),
                graph(
                    "Token refreshes",
                    "By result.",
                    "ops",
                    (rate("tidegate_token_refresh_total", "account", "result"), "{{account}} {{result}}"),
                ),
            ),
        ),
        (
            "Backlog and saturation",
            (
                graph(
                    "Backlog is through in",
                    "By account and queue, at today's rate and quota.",
                    "s",
                    ("tidegate_queue_drain_seconds", "{{account}} {{queue}}"),
                ),
                graph(
                    "Held by pushers",
                    "On a lane or in front of one.",
                    "short",
                    ("sum(tidegate_pushes_in_flight)", "in flight"),
                ),
                graph(
                    "Events acted on",
                    "Receipts and (un)subscribes.",
                    "ops",
                    ("sum(rate(tidegate_events_dispatched_total[$__rate_interval]))", "dispatched"),
                ),
                graph(
                    "Put back",
                    "Due pushes, and claims of workers that are gone; outcomes that came too late.",
                    "ops",
                    (rate("tidegate_queue_moves_total", "kind"), "{{kind}}"),
                    ("sum(rate(tidegate_claims_lost_total[$__rate_interval]))", "claims lost"),
                ),
                graph(
                    "CPU a process",
                    "1 is a whole core.",
                    "percentunit",
                    (cpu("pusher"), "pusher"),
                ),
                graph(
                    "Loop lag",
                    "99 %.",
                    "s",
                    (quantile(0.99, "tidegate_loop_lag_seconds", where="role='pusher'"), "pusher"),
                ),
            ),
        ),
    ),
)
