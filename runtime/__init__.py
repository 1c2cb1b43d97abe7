"""Settings file, command line, supervisor and embedded store: composes every stage, imported by none."""
