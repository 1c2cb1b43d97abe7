"""What the types cannot say about the configuration: ranges, patterns and what must agree with what.

A finding is a key and what is wrong with it; the first one is reported.
"""
