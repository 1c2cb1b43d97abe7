"""Configuration, command line, supervision and the embedded store: composes every stage, imported by none."""
