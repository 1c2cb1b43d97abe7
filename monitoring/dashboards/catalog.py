"""All dashboards, by the name of their file."""

from collections.abc import Mapping

from monitoring.dashboards import account, gateway, overview, pushers, store
from monitoring.dashboards.panel import Dashboard

DASHBOARDS: Mapping[str, Dashboard] = {
    "overview": overview.DASHBOARD,
    "gateway": gateway.DASHBOARD,
    "pushers": pushers.DASHBOARD,
    "store": store.DASHBOARD,
    "account": account.DASHBOARD,
}
