"""What may be sent, and when: rates, quotas, and what rests."""
