"""The store: what crosses from the gateway to the pushers, and the only code that talks to Valkey or Redis."""
