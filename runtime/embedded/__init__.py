"""The store that `serve` brings: a Valkey server of our own on a directory of our own."""
