"""What holds a push back that is claimed: a closed window, spent repeats, quiet hours."""
