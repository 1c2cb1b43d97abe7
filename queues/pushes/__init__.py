"""The way of a push through the store, from its append to its end."""
