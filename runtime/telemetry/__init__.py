"""What `monitoring` needs of the rest: the store's gauges, `/metrics`, the traces' exporter."""
