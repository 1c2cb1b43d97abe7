"""What becomes of a push by the verdict on its attempt: repeated, moved to its next channel, ended; no I/O."""
