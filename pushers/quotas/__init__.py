"""The platform's quotas: when they turn, and how our ledgers are held against its own count."""
