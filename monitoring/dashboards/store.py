"""The store: whether it keeps what it is given, and how hard it works."""

from monitoring.dashboards.panel import Dashboard, graph, number
from monitoring.dashboards.queries import quantile, rate

DASHBOARD = Dashboard(
    uid="tidegate-store",
    title="Tidegate / Store",
    help="Everything that is acknowledged is here, and nowhere else.",
    rows=(
        (
            "Now",
            (
                number("Reached", "1: the exporter reaches it.", "short", "min(tidegate_store_up)"),
                number(
                    "Durable", "1: it keeps the durability that is configured.", "short", "min(tidegate_store_durable)"
                ),
                number(
                    "Replicas missing",
                    "Beyond what the durability needs.",
                    "short",
                    "max(clamp_min(tidegate_store_replicas_needed - tidegate_store_replicas, 0))",
                    (1, 1),
                ),
                number("Memory", "In use.", "bytes", "max(tidegate_store_memory_bytes)"),
                number(
                    "Keys thrown away",
                    "Must be 0: each was data.",
                    "short",
                    "max(tidegate_store_evicted_keys_total)",
                    (1, 1),
                ),
                number(
                    "Confirmed batches gone",
                    "Must be 0: a replica took over without them.",
                    "short",
                    "sum(tidegate_store_lost_batches_total)",
                    (1, 1),
                ),
                number(
                    "Clock skew",
                    "The store's clock against the exporter's.",
                    "s",
                    "max(abs(tidegate_store_clock_skew_seconds))",
                    (0.5, 2),
                ),
            ),
        ),
        (
            "Work",
            (
                graph(
                    "Calls",
                    "By operation.",
                    "ops",
                    (rate("tidegate_store_seconds_count", "operation"), "{{operation}}"),
                ),
                graph(
                    "One call",
                    "99 %, the hop to a thread included.",
                    "s",
                    (quantile(0.99, "tidegate_store_seconds", "operation"), "{{operation}}"),
                ),
                graph(
                    "Failed calls",
                    "By operation.",
                    "ops",
                    (rate("tidegate_store_errors_total", "operation"), "{{operation}}"),
                ),
                graph(
                    "CPU and commands",
                    "It has one core: near 1 it is the bottleneck.",
                    "percentunit",
                    ("max(rate(tidegate_store_cpu_seconds_total[$__rate_interval]))", "CPU"),
                ),
                graph(
                    "Commands", "", "ops", ("max(rate(tidegate_store_commands_total[$__rate_interval]))", "commands")
                ),
                graph("Connections", "", "short", ("max(tidegate_store_clients)", "clients")),
            ),
        ),
        (
            "What it holds",
            (
                graph(
                    "Memory",
                    "A limit of 0 is none.",
                    "bytes",
                    ("max(tidegate_store_memory_bytes)", "used"),
                    ("max(tidegate_store_max_memory_bytes)", "limit"),
                ),
                graph("Waiting", "By queue.", "short", ("sum by (queue) (tidegate_queue_depth)", "{{queue}}")),
                graph(
                    "Taken and not yet settled",
                    "Claims by priority, and events.",
                    "short",
                    ("sum by (queue) (tidegate_queue_pending)", "{{queue}}"),
                ),
                graph(
                    "Age of the oldest",
                    "By queue.",
                    "s",
                    ("max by (queue) (tidegate_queue_oldest_seconds)", "{{queue}}"),
                ),
            ),
        ),
    ),
)
