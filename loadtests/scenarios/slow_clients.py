"""Honest callbacks among slow, silent and broken clients, nine of which there are for each honest one.

How it works: the honest ones are the measurement; their figures should be those of a run without the others. Those
others are raw sockets, and only their outcome is counted: refused or closed within the deadline, or held open.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import gevent
from locust import User, between, tag, task

from loadtests.scenarios.catalog import find
from loadtests.scenarios.curve_shape import CurveShape
from loadtests.scenarios.measured import CUT_OFF, FORGERY_TAKEN, HELD_OPEN
from loadtests.scenarios.outcomes import record
from loadtests.scenarios.platform_user import PlatformUser
from loadtests.scenarios.rig import Rig, rig_of

PATIENCE_SECONDS = 8.0
"""The gateway's own deadline for a request (`request_seconds`, 5) and its close, and some more for a busy generator."""

_DRIP_SECONDS = 0.5
_RECEIVE = 4_096
_FORGED_SIGNATURE = "signature=" + "0" * 40


class SteadyShape(CurveShape):
    """The same all the time."""

    scenario = find("slow_clients")


class Honest(PlatformUser):
    """The platform, as ever."""

    weight = 10

    @tag("callback")
    @task
    def call(self) -> None:
        self.deliver(self.rig.people.anything())


class Misbehaving(User):
    """A raw socket. What it meant for the gateway is recorded under its own name."""

    abstract = True
    wait_time = between(0.5, 1.5)
    rig: Rig

    def on_start(self) -> None:
        self.rig = rig_of(self.environment)
        gevent.sleep(self.rig.random.random())

    @contextmanager
    def connected(self, name: str) -> Iterator[socket.socket]:
        """A connection for the block; a block that ends by the other side's close or refusal was cut off, as due."""
        target = urlsplit(self.host or "")
        began = time.perf_counter()
        outcome = CUT_OFF
        try:
            with socket.create_connection((target.hostname or "", target.port or 80), PATIENCE_SECONDS) as connection:
                yield connection
        except TimeoutError:
            outcome = HELD_OPEN
        except OSError:
            pass  # reset or refused: that is an end too
        record(self.environment, outcome, name, time.perf_counter() - began)

    def request(self) -> bytes:
        """A callback's request as it should be."""
        delivery = self.rig.envelope.wrap(self.rig.people.anything(), time.time())
        return self.write(delivery.query, delivery.body)

    def write(self, query: str, body: bytes) -> bytes:
        host = urlsplit(self.host or "").netloc
        return (
            f"POST /callback/{self.rig.options.account}?{query} HTTP/1.1\r\nHost: {host}\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


class Dripping(Misbehaving):
    """Sends a byte now and then, and never gets to the end."""

    weight = 40

    @tag("slow")
    @task
    def drip(self) -> None:
        request = self.request()
        with self.connected("dripping") as connection:
            gave_up = time.perf_counter() + PATIENCE_SECONDS
            connection.settimeout(_DRIP_SECONDS)
            for byte in request:
                connection.sendall(bytes((byte,)))
                if _ended(connection):
                    return
                if time.perf_counter() > gave_up:
                    raise TimeoutError


class Silent(Misbehaving):
    """Sends half of a request, and then nothing."""

    weight = 40

    @tag("silent")
    @task
    def fall_silent(self) -> None:
        request = self.request()
        with self.connected("silent") as connection:
            connection.sendall(request[: len(request) // 2])
            while connection.recv(_RECEIVE):
                pass


class Broken(Misbehaving):
    """Garbage, forgeries, and connections that break off."""

    weight = 10

    @tag("broken")
    @task
    def send_garbage(self) -> None:
        with self.connected("garbage") as connection:
            connection.sendall(self.rig.random.randbytes(256) + b"\r\n\r\n")
            while connection.recv(_RECEIVE):
                pass

    @tag("broken")
    @task
    def break_off(self) -> None:
        request = self.request()
        with self.connected("breaking off") as connection:
            connection.sendall(request[: self.rig.random.randrange(1, len(request))])

    @tag("forged")
    @task
    def forge(self) -> None:
        delivery = self.rig.envelope.wrap(self.rig.people.anything(), time.time())
        query = _FORGED_SIGNATURE + delivery.query[len(_FORGED_SIGNATURE) :]
        query = query.replace("msg_signature=", "msg_signature=0", 1)
        with self.connected("forged") as connection:
            connection.sendall(self.write(query, delivery.body))
            if connection.recv(_RECEIVE).startswith(b"HTTP/1.1 200"):
                record(self.environment, FORGERY_TAKEN, "forged", 0.0)


def _ended(connection: socket.socket) -> bool:
    """Whether the other side has closed; waits a moment for it, which is the drip's pause."""
    try:
        return not connection.recv(_RECEIVE)
    except TimeoutError:
        return False
