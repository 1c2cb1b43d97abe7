"""`serve`: worker processes started, assigned their work, replaced and drained."""
