"""The simulated platform as a benchmark sees it: a process, its counts, and when the first send came."""

import itertools
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import msgspec
from msgspec import Struct

from loadtests.bench.programs import RUN, ProgramError, program
from loadtests.platform.ledger import PAGE_ROWS, SendRow
from loadtests.platform.options import SimulatorOptions

_SECONDS = 10.0
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.02
_RECEIPTS_NEVER = 86_400
"""Receipts later than any run: they go to the gateway, which is not what is measured."""


class _Counts(Struct, frozen=True):
    counts: dict[str, int]


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
        return msgspec.json.decode(self._ask("GET", "/_sim/summary"), type=_Counts).counts.get("accepted", 0)

    def accepted_at(self, index: int) -> float:
        """When the send of that index (from 0) was accepted, in seconds since the epoch."""
        page = self._ask("GET", f"/_sim/ledger?kind=sends&page={index // PAGE_ROWS}")
        return msgspec.json.decode(page.splitlines()[index % PAGE_ROWS], type=SendRow).at

    def until_accepted(self, count: int) -> int:
        """Wait until it has accepted that many sends since it started; how many by then. Raises ProgramError."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (accepted := self.accepted()) < count:
            if time.monotonic() > deadline:
                raise ProgramError(f"the platform accepted {accepted} sends, and {count} were expected")
            time.sleep(_LOOK_SECONDS)
        return accepted

    def sends(self) -> Iterator[SendRow]:
        """All sends that it accepted."""
        for page in itertools.count():
            rows = self._ask("GET", f"/_sim/ledger?kind=sends&page={page}").splitlines()
            for row in rows:
                yield msgspec.json.decode(row, type=SendRow)
            if len(rows) < PAGE_ROWS:
                return

    def token(self, options: SimulatorOptions) -> str:
        """An access token, for a sender that does not fetch one itself."""
        body = {"grant_type": "client_credential", "appid": options.app_id, "secret": options.app_secret}
        answer = self._ask("POST", "/cgi-bin/stable_token", msgspec.json.encode(body))
        return msgspec.json.decode(answer, type=_Token).access_token

    def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        try:
            connection.request(method, path, body)
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def platform_process(folder: Path, latency_ms: int, core: int) -> Iterator[PlatformProcess]:
    """Run a simulator that answers after that long, until the end of the block."""
    flags = ["--bind=127.0.0.1:0", f"--latency-ms={latency_ms}", f"--receipt-delay={_RECEIPTS_NEVER}"]
    with program("platform", [sys.executable, RUN, "simulate", *flags], core=core, folder=folder) as started:
        _, ready, port = started.line().rpartition(":")
        if not ready:
            raise ProgramError("the simulated platform did not say where it listens")
        yield PlatformProcess(started.pid, int(port))
