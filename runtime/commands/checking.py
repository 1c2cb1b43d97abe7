"""`check`: whether the configuration is right and the store can be used, with a summary of both."""

import sys

from runtime.commands.options import Config


def check(config: Config = None) -> int:
    """Check the configuration and the store; say what is wrong, by file and key."""
    import trio  # noqa: PLC0415  see the package

    from runtime.configuration.settings import load_settings  # noqa: PLC0415  see the package
    from runtime.inspection import describe_settings, describe_store  # noqa: PLC0415  see the package

    settings = load_settings(config)
    for line in describe_settings(settings):
        sys.stdout.write(f"{line}\n")
    for line in trio.run(describe_store, settings.store):
        sys.stdout.write(f"{line}\n")
    return 0
