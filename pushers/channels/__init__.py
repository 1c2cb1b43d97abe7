"""One small file a channel: how a push becomes a request to the platform."""
