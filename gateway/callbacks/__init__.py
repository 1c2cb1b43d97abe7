"""What the platform delivers: proven authentic, read into an event, and answered once that is on disk."""
