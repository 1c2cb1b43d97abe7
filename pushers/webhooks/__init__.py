"""Tells upstreams how their pushes ended."""
