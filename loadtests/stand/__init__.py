"""The test stand: the simulated platform, a store and a whole `serve` as real processes on loopback."""
