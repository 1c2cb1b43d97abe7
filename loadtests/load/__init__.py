"""`python -m loadtests.load SCENARIO`: runs one of the Locust scenarios in `loadtests.scenarios`, and audits it."""
