"""An account's access token: how it is asked for, read, kept and shared."""
