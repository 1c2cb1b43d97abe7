"""Locust scenarios: a file each for what befalls the gateway, and beside them the parts they share.

How it works: `catalog` has each scenario's facts and `curves` the course of its load; neither imports Locust, so that
`loadtests.load` can plan a run. The scenario files, and all else that imports Locust, are loaded in Locust's own
processes only, by `loadtests/locustfile.py`: Locust patches the standard library when it is imported, and trio does not
survive that.
"""
