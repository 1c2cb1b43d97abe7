"""How the servers are reached: addresses, clients, and the proof that a commit is on disk."""
