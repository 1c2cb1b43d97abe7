"""What the embedded store's server is told on its command line."""

from queues.settings import StoreSettings
from runtime.embedded.data_directory import DataDirectory


def server_arguments(settings: StoreSettings, directory: DataDirectory) -> list[str]:
    """The arguments: a private socket and no port, an append-only file as durable as the settings ask, no eviction."""
    # "memory" asks for no proof before the reply; writing once a second still costs nothing and saves most of it.
    fsync = "everysec" if settings.durability == "memory" else "always"
    options = {
        "port": "0",
        "unixsocket": str(directory.socket),
        "unixsocketperm": "700",
        "dir": str(directory.path),
        "pidfile": str(directory.pid_file),
        "logfile": str(directory.log_file),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": fsync,
        "no-appendfsync-on-rewrite": "no",
        "maxmemory": str(settings.max_memory_bytes),
        "maxmemory-policy": "noeviction",
        # A job is a hash of few fields with a body of up to 2 KiB; as one listpack it takes a third of the memory.
        "hash-max-listpack-value": "2048",
        "hash-max-listpack-entries": "64",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]
