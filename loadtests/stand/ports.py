"""Ports for programs that cannot say which one they took."""

import socket


def free_port() -> int:
    """A port that nobody listens on now; the next to ask may get the same, so take it at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
