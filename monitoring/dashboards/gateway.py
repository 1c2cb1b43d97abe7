"""The way in: traffic, errors, latency, saturation."""

from monitoring.dashboards.panel import Dashboard, graph
from monitoring.dashboards.queries import cpu, mean, quantile, rate, within

DASHBOARD = Dashboard(
    uid="tidegate-gateway",
    title="Tidegate / Gateway",
    help="Callbacks and push requests, from the socket to the append.",
    rows=(
        (
            "Traffic and errors",
            (
                graph("Callbacks", "By result.", "reqps", (rate("tidegate_callbacks_total", "result"), "{{result}}")),
                graph("Callbacks by event", "", "reqps", (rate("tidegate_callbacks_total", "event"), "{{event}}")),
                graph(
                    "Push items", "By result.", "ops", (rate("tidegate_pushes_accepted_total", "result"), "{{result}}")
                ),
                graph(
                    "Push items by upstream",
                    "",
                    "ops",
                    (rate("tidegate_pushes_accepted_total", "upstream"), "{{upstream}}"),
                ),
                graph(
                    "Requests of upstreams",
                    "By route and class of the answer.",
                    "reqps",
                    (rate("tidegate_request_seconds_count", "route", "status"), "{{route}} {{status}}"),
                ),
                graph(
                    "Refused before they were read",
                    "By reason.",
                    "ops",
                    (rate("tidegate_connections_refused_total", "reason"), "{{reason}}"),
                ),
            ),
        ),
        (
            "Latency",
            (
                graph(
                    "A callback's answer",
                    "From its last byte; the platform queues from 20 ms on and gives up at 5 s.",
                    "s",
                    (quantile(0.5, "tidegate_callback_seconds"), "half"),
                    (quantile(0.99, "tidegate_callback_seconds"), "99 %"),
                    (quantile(0.999, "tidegate_callback_seconds"), "99.9 %"),
                ),
                graph(
                    "Answered within",
                    "Share of callbacks within the platform's limits.",
                    "percentunit",
                    *((within("tidegate_callback_seconds", edge), f"{edge} s") for edge in ("0.02", "1.0", "5.0")),
                ),
                graph(
                    "An upstream's answer",
                    "99 %, by route.",
                    "s",
                    (quantile(0.99, "tidegate_request_seconds", "route"), "{{route}}"),
                ),
            ),
        ),
        (
            "Group commit and admission",
            (
                graph(
                    "One commit",
                    "99 %, fsync included.",
                    "s",
                    (quantile(0.99, "tidegate_append_seconds", "kind"), "{{kind}}"),
                ),
                graph(
                    "Items in one commit",
                    "Grows with the load, which is what makes fsync affordable.",
                    "short",
                    (mean("tidegate_append_batch_size", "kind"), "{{kind}}"),
                ),
                graph(
                    "Waiting for a commit, and shedding",
                    "99 % of the waits; the level is 0 while nobody is turned away.",
                    "s",
                    (quantile(0.99, "tidegate_admission_wait_seconds"), "wait"),
                    ("max(tidegate_admission_level)", "level"),
                ),
            ),
        ),
        (
            "Saturation",
            (
                graph("Connections", "", "short", ("sum(tidegate_connections)", "open")),
                graph(
                    "CPU a process",
                    "1 is a whole core.",
                    "percentunit",
                    (cpu("gateway"), "gateway"),
                ),
                graph(
                    "Loop lag",
                    "99 %.",
                    "s",
                    (quantile(0.99, "tidegate_loop_lag_seconds", where="role='gateway'"), "gateway"),
                ),
                graph("Memory", "", "bytes", ("sum by (role) (tidegate_process_memory_bytes)", "{{role}}")),
                graph(
                    "File descriptors",
                    "Share of what processes may open.",
                    "percentunit",
                    ("max by (role) (tidegate_process_open_files / tidegate_process_max_files)", "{{role}}"),
                ),
                graph(
                    "Processes begun",
                    "Restarts show here: counters go on across them.",
                    "short",
                    ("sum by (role) (tidegate_process_starts_total)", "{{role}}"),
                ),
            ),
        ),
    ),
)
