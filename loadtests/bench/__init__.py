"""Benchmarks: what Tidegate costs beside a peer on the same cores in the same minute (docs/benchmarks.md)."""
