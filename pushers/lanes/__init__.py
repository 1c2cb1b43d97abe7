"""The connections to the platform: a lane carries one request at a time, and is kept."""
