"""What a connection needs of its socket, be it plain or TLS."""

from typing import Protocol


class Channel(Protocol):
    """A non-blocking socket; its methods raise what a socket's raise."""

    def fileno(self) -> int: ...

    def recv(self, size: int, /) -> bytes: ...

    def send(self, data: bytes | memoryview, /) -> int: ...

    def shutdown(self, how: int, /) -> None: ...

    def close(self) -> None: ...
