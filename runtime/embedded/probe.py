"""Asks the embedded store over its socket how far its start has come, before any client is let in."""

import socket
from pathlib import Path
from typing import Literal

import trio

Answer = Literal["serving", "loading", "nothing"]

_ANSWER_SECONDS = 1.0
_MAX_ANSWER_BYTES = 512


async def ask(path: Path, command: bytes = b"PING") -> bytes:
    """Send one inline command and return the first line of the answer; empty if there is no answer within a second."""
    connection = trio.socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with connection, trio.move_on_after(_ANSWER_SECONDS):
        try:
            await connection.connect(str(path))
            await connection.send(command + b"\r\n")
            return await connection.recv(_MAX_ANSWER_BYTES)
        except OSError:
            return b""
    return b""


async def probe(path: Path) -> Answer:
    """Whether the server at `path` serves, still loads its files, or is not there."""
    answer = await ask(path)
    if answer.startswith(b"+PONG"):
        return "serving"
    return "loading" if answer.startswith(b"-LOADING") else "nothing"
