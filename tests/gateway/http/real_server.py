"""A server on a loopback socket, whose handlers may wait."""

import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import trio

from gateway.http.listener import serve_http
from gateway.http.messages import Handler, Request, Response
from gateway.http.outbox import Outbox
from gateway.http.request_tasks import RequestTasks
from gateway.settings import ServerSettings

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def ok(_request: Request) -> Response:
    await trio.lowlevel.checkpoint()
    return Response(body=b"ok")


Served = tuple[tuple[str, int], trio.Event]
Waiting = Callable[[Request], Awaitable[Response]]


def in_tasks(handler: Waiting, nursery: trio.Nursery, outbox: Outbox) -> Handler:
    """A handler that waits, each request in a task of its own."""
    tasks = RequestTasks(nursery, outbox)
    return lambda request, answer: tasks.start(partial(handler, request), request, answer)


async def serve(
    handler: Waiting,
    settings: ServerSettings,
    drain: trio.Event,
    listener: socket.socket,
    *,
    wall_clock: Callable[[], float] = time.time,
    task_status: trio.TaskStatus[None],
) -> None:
    outbox = Outbox()
    async with trio.open_nursery() as requests:
        await serve_http(
            in_tasks(handler, requests, outbox),
            lambda _head: 1000,
            settings,
            drain,
            listener=listener,
            outbox=outbox,
            wall_clock=wall_clock,
            task_status=task_status,
        )
        requests.cancel_scope.cancel()


def bound() -> socket.socket:
    """A socket on a free port; nobody listens yet."""
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    return free


@asynccontextmanager
async def served(handler: Waiting = ok, settings: ServerSettings | None = None) -> AsyncIterator[Served]:
    """A server on a free port, drained at the end."""
    drain = trio.Event()
    listener = bound()
    with trio.fail_after(1000):
        async with trio.open_nursery() as nursery:
            await nursery.start(serve, handler, settings or ServerSettings(), drain, listener)
            yield listener.getsockname(), drain
            drain.set()


async def ended(stream: trio.SocketStream) -> bool:
    try:
        return await stream.receive_some() == b""
    except trio.BrokenResourceError:
        return True
