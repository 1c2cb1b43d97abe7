"""Lets a child end with us even when we are killed without a word (Linux only; elsewhere it does nothing)."""

import ctypes
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> Callable[[], None] | None:
    """A `preexec_fn` that asks the kernel for SIGTERM when the *thread* that started the child ends.

    So the child must be started from the main thread. Everything is looked up here, before the fork: between fork and
    exec only the system call remains, which is safe beside other threads.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    number = int(signal.SIGTERM)

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, number)

    return ask
