"""One subject a file: `examine(deployment)` gives its findings."""
