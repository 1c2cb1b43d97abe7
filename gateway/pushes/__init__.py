"""What upstreams enqueue, item by item checked; and what they ask of it afterwards."""
