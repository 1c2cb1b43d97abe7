"""The command line from its first moment: `tidegate` installed, `run.py` in a checkout, or `python -m runtime`."""

import signal


def main() -> None:
    """Run it; Ctrl-C ends us at once and quietly while its modules are still being imported."""
    interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from runtime import cli  # noqa: PLC0415  after that

    signal.signal(signal.SIGINT, interrupt)
    cli.main()


if __name__ == "__main__":
    main()
