"""Who is told of each attempt to send a push: the log, the trace."""
