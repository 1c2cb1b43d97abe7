"""The configuration: where it is read from, what is wrong with it, what it comes to."""
