"""Callback events: appended by the gateway, read and settled by the pushers."""
