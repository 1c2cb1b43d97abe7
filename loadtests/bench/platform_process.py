"""The simulated platform as a benchmark sees it: a process, its counts, and when the first send came."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from loadtests.audit.platform_reader import PlatformReader
from loadtests.bench.programs import RUN, ProgramError, program
from loadtests.fetcher import fetch
from loadtests.platform.ledger import PAGE_ROWS, SendRow
from loadtests.platform.options import SimulatorOptions

_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.02
_RECEIPTS_NEVER = 86_400
"""Receipts later than any run: they go to the gateway, which is not what is measured."""


class _Token(Struct, frozen=True):
    access_token: str


class PlatformProcess(Struct, frozen=True):
    """A running simulator; `port` is on loopback."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accepted(self) -> int:
        """How many sends it has accepted so far."""
        return PlatformReader(self.url).summary().counts.get("accepted", 0)

    def accepted_at(self, index: int) -> float:
        """When the send of that index (from 0) was accepted, in seconds since the epoch."""
        page = fetch(f"{self.url}/_sim/ledger?kind=sends&page={index // PAGE_ROWS}").body
        return msgspec.json.decode(page.splitlines()[index % PAGE_ROWS], type=SendRow).at

    def until_accepted(self, count: int) -> int:
        """Wait until it has accepted that many sends since it started; how many by then. Raises ProgramError."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (accepted := self.accepted()) < count:
            if time.monotonic() > deadline:
                raise ProgramError(f"the platform accepted {accepted} sends, and {count} were expected")
            time.sleep(_LOOK_SECONDS)
        return accepted

    def sends(self) -> Sequence[SendRow]:
        """All sends that it accepted."""
        return PlatformReader(self.url).view().sends

    def token(self, options: SimulatorOptions) -> str:
        """An access token, for a sender that does not fetch one itself."""
        body = {"grant_type": "client_credential", "appid": options.app_id, "secret": options.app_secret}
        answer = fetch(f"{self.url}/cgi-bin/stable_token", msgspec.json.encode(body))
        return msgspec.json.decode(answer.body, type=_Token).access_token


@contextmanager
def platform_process(folder: Path, latency_ms: int, core: int) -> Iterator[PlatformProcess]:
    """Run a simulator that answers after that long, until the end of the block."""
    flags = ["--bind=127.0.0.1:0", f"--latency-ms={latency_ms}", f"--receipt-delay={_RECEIPTS_NEVER}"]
    with program("platform", [sys.executable, RUN, "simulate", *flags], core=core, folder=folder) as started:
        _, ready, port = started.line().rpartition(":")
        if not ready:
            raise ProgramError("the simulated platform did not say where it listens")
        yield PlatformProcess(started.pid, int(port))
