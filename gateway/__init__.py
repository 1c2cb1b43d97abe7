"""The way in: callbacks from the platform and push requests from upstreams."""
