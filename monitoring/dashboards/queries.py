"""The shapes of PromQL that recur."""


def rate(metric: str, *by: str) -> str:
    """What a counter gains a second, summed by labels; `metric` may have matchers."""
    return f"sum by ({', '.join(by)}) (rate({metric}[$__rate_interval]))"


def quantile(share: float, metric: str, *by: str, where: str = "") -> str:
    """The time within which a share of a histogram's observations fell."""
    matchers = f"{{{where}}}" if where else ""
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket{matchers}', 'le', *by)})"


def within(metric: str, edge: str) -> str:
    """The share of a histogram's observations up to an edge (written as it is exported, `5.0`)."""
    bucket = f"{metric}_bucket{{le='{edge}'}}"
    return f"{rate(bucket)} / {rate(f'{metric}_count')}"


def mean(metric: str, *by: str) -> str:
    """The mean of a histogram's observations."""
    return f"{rate(f'{metric}_sum', *by)} / {rate(f'{metric}_count', *by)}"


def cpu(role: str) -> str:
    """How much of a core one process of a role uses."""
    one = f"{{role='{role}'}}"
    return f"{rate(f'tidegate_process_cpu_seconds_total{one}')} / sum by () (tidegate_processes{one})"
