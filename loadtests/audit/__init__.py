"""The audit by identity: what was acknowledged, against what the store and the platform hold."""
