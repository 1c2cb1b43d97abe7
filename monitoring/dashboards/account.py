"""One account: what its owner asks about."""

from monitoring.dashboards.panel import Dashboard, graph, number
from monitoring.dashboards.queries import quantile, rate

_ONE = "account='$account'"


def _of(metric: str, matchers: str = "") -> str:
    return f"{metric}{{{_ONE}{',' * bool(matchers)}{matchers}}}"


DASHBOARD = Dashboard(
    uid="tidegate-account",
    title="Tidegate / One account",
    help="What came in, what went out, what waits, and what is left of the quotas.",
    variables=(("account", "tidegate_queue_depth{account!=''}"),),
    rows=(
        (
            "Now",
            (
                number("Waiting", "In all its queues.", "short", f"sum({_of('tidegate_queue_depth')})"),
                number(
                    "Through in",
                    "At today's rate and quota.",
                    "s",
                    f"max({_of('tidegate_queue_drain_seconds')})",
                    (300, 3600),
                ),
                number("Oldest waits", "", "s", f"max({_of('tidegate_queue_oldest_seconds')})", (60, 900)),
                number(
                    "Quota spent",
                    "The fullest API's share of the day.",
                    "percentunit",
                    f"max({_of('tidegate_quota_spent')} / ({_of('tidegate_quota_limit')} > 0))",
                    (0.7, 0.9),
                ),
                number(
                    "Held back",
                    "1: stopped, parked or its breaker open.",
                    "short",
                    f"max({_of('tidegate_account_stopped')}) + max({_of('tidegate_quota_parked')})"
                    f" + max({_of('tidegate_breaker_open')})",
                    (1, 1),
                ),
                number(
                    "Token age", "Two hours at most.", "s", f"max({_of('tidegate_token_age_seconds')})", (7000, 7200)
                ),
            ),
        ),
        (
            "In",
            (
                graph(
                    "Callbacks", "By result.", "reqps", (rate(_of("tidegate_callbacks_total"), "result"), "{{result}}")
                ),
                graph("Callbacks by event", "", "reqps", (rate(_of("tidegate_callbacks_total"), "event"), "{{event}}")),
                graph(
                    "Pushes enqueued",
                    "By upstream and result.",
                    "ops",
                    (rate(_of("tidegate_pushes_accepted_total"), "upstream", "result"), "{{upstream}} {{result}}"),
                ),
            ),
        ),
        (
            "Out",
            (
                graph(
                    "Sends by verdict", "", "ops", (rate(_of("tidegate_push_attempts_total"), "verdict"), "{{verdict}}")
                ),
                graph(
                    "Answers by errcode",
                    "",
                    "ops",
                    (rate(_of("tidegate_push_errcodes_total"), "errcode"), "{{errcode}}"),
                ),
                graph(
                    "Pushes ended",
                    "By final state.",
                    "ops",
                    (rate(_of("tidegate_pushes_finished_total"), "state"), "{{state}}"),
                ),
                graph(
                    "From acceptance to the first send",
                    "99 %.",
                    "s",
                    (quantile(0.99, "tidegate_push_wait_seconds", "priority", where=_ONE), "{{priority}}"),
                ),
                graph(
                    "From acceptance to the receipt",
                    "",
                    "s",
                    (quantile(0.5, "tidegate_push_delivery_seconds", where=_ONE), "half"),
                    (quantile(0.95, "tidegate_push_delivery_seconds", where=_ONE), "95 %"),
                ),
                graph(
                    "Waiting", "By queue.", "short", (f"sum by (queue) ({_of('tidegate_queue_depth')})", "{{queue}}")
                ),
                graph("Through in", "By queue.", "s", (_of("tidegate_queue_drain_seconds"), "{{queue}}")),
                graph(
                    "Quota left",
                    "By API.",
                    "short",
                    (f"({_of('tidegate_quota_limit')} > 0) - {_of('tidegate_quota_spent')}", "{{api}}"),
                ),
                graph(
                    "Waiting for the rate",
                    "Seconds a second.",
                    "s",
                    (rate(_of("tidegate_limit_wait_seconds_total"), "api"), "{{api}}"),
                ),
            ),
        ),
    ),
)
