"""One small file a channel: what its pushes must have, and the platform's own body made of it."""
