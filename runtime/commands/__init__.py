"""The commands: each function is one verb, its parameters the flags, its result the exit status.

What a command needs is imported inside it: `--help` and `serve` would otherwise pay for the HTTP client of `push`.
"""
