"""The way out: drains the queues through the rate limits to the platform, and settles what became of each push."""
