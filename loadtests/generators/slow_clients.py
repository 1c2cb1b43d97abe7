"""Clients that take up connections and time: silent ones, and ones that send a byte now and then.

`python -m loadtests.generators.slow_clients http://127.0.0.1:8080 --silent 3000 --dripping 2000 --seconds 16` holds
them open, each opened anew a moment after it was closed; one line of JSON at the end. A process of its own, so that
they do not keep whoever measures the load beside them from it.
"""

import itertools
import resource
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import trio
import typer
from msgspec import Struct

_PAUSE_SECONDS = 2.0  # between two bytes, and before a connection is opened anew
_OPENED_A_SECOND = 2_000
_REQUEST = b"POST /callback/demo?nonce=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n<xml>"


class Held(Struct, frozen=True):
    """What became of them: connections opened, and the longest that one of them was left open, in seconds."""

    opened: int
    longest: float


async def gather(address: tuple[str, int], *, silent: int, dripping: int, seconds: float) -> Held:
    """Be there for so long. Half of the silent ones say nothing at all, half stop within a request."""
    held: list[float] = []
    with trio.move_on_after(seconds):
        async with trio.open_nursery() as clients:
            for number in range(silent + dripping):
                clients.start_soon(_loiter, address, _pieces(number, silent=number < silent), held)
                if number % (_OPENED_A_SECOND // 100) == 0:
                    await trio.sleep(0.01)
    return Held(len(held), round(max(held, default=0), 2))


def _pieces(number: int, *, silent: bool) -> tuple[bytes, ...]:
    """What one of them sends, with pauses, before it only waits."""
    if not silent:
        return tuple(bytes((byte,)) for byte in _REQUEST)
    return (_REQUEST[: len(_REQUEST) // 2],) if number % 2 else ()


async def _loiter(address: tuple[str, int], pieces: tuple[bytes, ...], held: list[float]) -> None:
    """Be there until cancelled; `held` is told how long each connection was left to us."""
    while True:
        began = trio.current_time()
        try:
            with suppress(OSError, trio.BrokenResourceError):
                async with await trio.open_tcp_stream(*address) as stream:
                    began = trio.current_time()
                    await _converse(stream, pieces)
        finally:
            held.append(trio.current_time() - began)
        await trio.sleep(_PAUSE_SECONDS)


async def _converse(stream: trio.SocketStream, pieces: tuple[bytes, ...]) -> None:
    """Return when the other side has closed."""
    for piece in itertools.chain(pieces, (b"",)):
        with trio.move_on_after(_PAUSE_SECONDS if piece else float("inf")):
            await stream.send_all(piece)
            while await stream.receive_some():
                pass
            return


def main(
    url: Annotated[str, typer.Argument(help="http://HOST:PORT")],
    *,
    silent: Annotated[int, typer.Option(min=0)] = 3_000,
    dripping: Annotated[int, typer.Option(min=0)] = 2_000,
    seconds: Annotated[float, typer.Option(min=0)] = 16,
) -> None:
    """Take up a gateway's connections for some seconds."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    target = urlsplit(url)
    address = (target.hostname or "", target.port or 80)
    held = trio.run(lambda: gather(address, silent=silent, dripping=dripping, seconds=seconds))
    print(msgspec.json.encode(held).decode())


if __name__ == "__main__":
    typer.run(main)
