"""`serve`, `gateway`, `pusher`: run until told to end."""

import sys

from runtime.commands.options import Config


def serve(config: Config = None) -> int:
    """Run the whole gateway on this machine: store, gateway and pusher processes."""
    import trio  # noqa: PLC0415  see the package

    from monitoring.logs import configure_logging  # noqa: PLC0415  see the package
    from runtime.configuration.settings import load_settings  # noqa: PLC0415  see the package
    from runtime.supervision.supervisor import Supervisor  # noqa: PLC0415  see the package

    settings = load_settings(config)
    configure_logging("supervisor", level=settings.logs.level, form=settings.logs.format, again=True)
    trio.run(Supervisor(settings, lambda: load_settings(config), _announce).run)
    return 0


def gateway(config: Config = None) -> int:
    """Run one gateway process, for Kubernetes or systemd."""
    return _run_alone("gateway", config)


def pusher(config: Config = None) -> int:
    """Run one pusher process, for Kubernetes or systemd."""
    return _run_alone("pusher", config)


def _run_alone(role: str, config: Config) -> int:
    import trio  # noqa: PLC0415  see the package

    from monitoring.slots import keep_own  # noqa: PLC0415  before anything imports the metrics' names

    keep_own()
    from monitoring.logs import configure_logging  # noqa: PLC0415  see the package
    from runtime.configuration.settings import load_settings  # noqa: PLC0415  see the package
    from runtime.errors import ConfigurationError  # noqa: PLC0415  see the package
    from runtime.standalone import run_alone  # noqa: PLC0415  see the package

    settings = load_settings(config)
    if settings.store.url == "embedded":
        raise ConfigurationError(
            f'store.url: "embedded" is started by serve alone; give {role} the URL of a running Valkey or Redis'
        )
    configure_logging(role, level=settings.logs.level, form=settings.logs.format)
    trio.run(run_alone, role, settings, _announce)
    return 0


def _announce(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
