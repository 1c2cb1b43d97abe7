"""A dated report of the standard run: one HTML page with plots, and the picture of the README."""
