"""Metrics and logs. Imported by every stage; imports none of them."""
