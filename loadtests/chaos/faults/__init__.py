"""The faults there are, one file a kind; `kinds` has the list."""
