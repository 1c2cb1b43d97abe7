"""The load lab: the platform simulator, load generators, the audit and the benchmarks.

It stands outside: it talks HTTP to Tidegate and reads the store's documented layout, and imports none of its code.
"""
