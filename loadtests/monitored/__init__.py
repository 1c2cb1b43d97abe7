"""A rehearsal that a real Prometheus watches (R18): counters against the audit, alerts, the dashboards' queries."""
