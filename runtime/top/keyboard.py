"""Waits for `q`, where there is a keyboard."""

import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import trio


async def until_q() -> None:
    """Return when `q` is typed; never, where stdin is no terminal."""
    if not sys.stdin.isatty():
        await trio.sleep_forever()
    descriptor = sys.stdin.fileno()
    with _unbuffered(descriptor):
        while True:
            await trio.lowlevel.wait_readable(descriptor)
            typed = os.read(descriptor, 64)
            if not typed or b"q" in typed.lower():
                return


@contextmanager
def _unbuffered(descriptor: int) -> Iterator[None]:
    """Keys come as they are typed and are not echoed; Ctrl-C still interrupts."""
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
