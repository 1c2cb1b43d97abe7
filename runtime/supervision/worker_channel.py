"""The socket between `serve` and one of its workers.

How it works: the supervisor sends the settings, as it read and checked them; the worker answers with one line once it
is ready. After that neither sends anything, and the worker watches for the end of the stream: the supervisor's end
closes with it, even if it is killed, so no worker outlives it. Settings go this way rather than through the file, so
that a worker restarted at night does not meet a half-edited one, and no secret stands in an environment.
"""

import socket
from typing import Any

import msgspec
import trio
from msgspec import Struct

from gateway.upstream_key import UpstreamKey
from queues.secret import Secret
from runtime.configuration.settings import Settings

_LENGTH_BYTES = 4
_MAX_REPLY_BYTES = 512


class Assignment(Struct, frozen=True, kw_only=True):
    """What a worker is told when it starts.

    `metrics` is the directory it shares with the others; `listener` the inherited descriptor that a gateway accepts
    from, -1 for none.
    """

    role: str
    slot: str
    metrics: str
    settings: Settings
    listener: int = -1


class Reply(Struct, frozen=True):
    """A worker's only message: it is ready, or the configuration has a `fault`."""

    fault: str = ""


async def send_assignment(channel: trio.SocketStream, assignment: Assignment) -> None:
    """Tell a worker its work.

    Raises:
        trio.BrokenResourceError: It has ended already.
    """
    body = msgspec.msgpack.encode(assignment, enc_hook=_reveal)
    await channel.send_all(len(body).to_bytes(_LENGTH_BYTES, "big") + body)


def receive_assignment(channel: socket.socket) -> Assignment:
    """Wait for our work, before there is a loop to wait in.

    Raises:
        EOFError: The supervisor went away.
    """
    with channel.makefile("rb") as stream:
        length = int.from_bytes(stream.read(_LENGTH_BYTES), "big")
        body = stream.read(length)
    if not body or len(body) < length:
        raise EOFError
    return msgspec.msgpack.decode(body, type=Assignment, dec_hook=_hide)


async def send_reply(channel: trio.SocketStream, reply: Reply) -> None:
    """Send our reply; a supervisor that is gone is noticed by `wait_for_end` instead."""
    try:
        await channel.send_all(msgspec.json.encode(reply) + b"\n")
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return


async def receive_reply(channel: trio.SocketStream) -> Reply | None:
    """Wait for the worker's reply; None if it ends without one."""
    line = b""
    while not line.endswith(b"\n"):
        received = await _receive(channel)
        if not received:
            return None
        line += received
    return msgspec.json.decode(line, type=Reply)


async def wait_for_end(channel: trio.SocketStream) -> None:
    """Return when the other end is closed."""
    while await _receive(channel):
        pass


async def _receive(channel: trio.SocketStream) -> bytes:
    try:
        return bytes(await channel.receive_some(_MAX_REPLY_BYTES))
    except trio.BrokenResourceError:
        return b""


def _reveal(value: object) -> str | bytes:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, UpstreamKey):
        return value.digest
    raise NotImplementedError


def _hide(kind: type, value: Any) -> Secret | UpstreamKey:
    if kind is Secret:
        return Secret(value)
    if kind is UpstreamKey:
        return UpstreamKey.sealed(value)
    raise NotImplementedError
