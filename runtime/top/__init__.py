"""`top`: what `/metrics` says now, in one screen.

How it works: `source` fetches, `scrape` parses, `interval` compares two scrapes, `observer` makes a frozen `Snapshot`
of them, `screen` draws it, and `session` goes round. Only `source`, `keyboard` and `session` do any I/O.
"""
