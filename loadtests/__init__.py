"""The load lab: the platform simulator, load generators, the audit and the benchmarks. Talks to Tidegate from outside."""
