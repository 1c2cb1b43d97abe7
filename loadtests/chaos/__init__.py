"""Faults against real processes under load, each ended by the audit."""
