"""Hostile input, made at random: what is read may be refused, in the words meant for it, and nothing else may happen.

The test run takes a hundred examples of each; `make fuzz` goes on for as long as it is told.
"""
