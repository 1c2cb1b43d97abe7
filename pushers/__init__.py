"""The way out: drains the queues through the rate limits to the platform, and settles what became of each push.

The files here are the path of a push: `worker` composes it, `feeder` leases and takes, `pacer` and `crew` hand over,
`sender` sends, `verdict` reads the answer, `settler` settles. What they use has folders of its own.
"""
