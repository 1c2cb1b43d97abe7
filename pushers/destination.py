"""Who takes an account's requests, and what these look like on the wire; does no I/O."""

import time
from collections.abc import Callable
from typing import Protocol

import httpx

from pushers.lanes.origin import Origin, split_base
from pushers.webhooks.signature import read_secret, signed_headers
from queues.account import Webhook
from queues.push import Push


class Destination(Protocol):
    """One end of an account's lanes; `needs_token`: it takes nothing without an access token."""

    origin: Origin
    needs_token: bool

    def request(self, path: str, token: str, push: Push, body: bytes) -> bytes:
        """All bytes of the request that sends this push, with the body that its channel made."""


class PlatformDestination:
    """The platform's interface under an `api_base`."""

    needs_token = True

    def __init__(self, api_base: str) -> None:
        self.origin, self._prefix = split_base(api_base)
        self._heads: dict[str, tuple[str, bytes]] = {}

    def request(self, path: str, token: str, _push: Push, body: bytes) -> bytes:
        return b"%b%d\r\n\r\n%b" % (self._head(path, token), len(body), body)

    def _head(self, path: str, token: str) -> bytes:
        """A request's bytes up to the value of Content-Length; prepared once a token."""
        kept = self._heads.get(path)
        if kept is not None and kept[0] == token:
            return kept[1]
        head = (
            f"POST {self._prefix}{path}?access_token={token} HTTP/1.1\r\n"
            f"Host: {self.origin.host_header}\r\n"
            "User-Agent: tidegate\r\n"
            "Accept: application/json\r\n"
            "Content-Type: application/json; charset=utf-8\r\n"
            "Content-Length: "
        ).encode()
        self._heads[path] = (token, head)
        return head


class WebhookDestination:
    """The receiver that an account names in `[accounts.webhook]`; a push's id is the id of what is posted."""

    needs_token = False

    def __init__(self, webhook: Webhook, clock: Callable[[], float] = time.time) -> None:
        url = httpx.URL(webhook.url)
        self.origin, _ = split_base(str(url))
        self._key = read_secret(webhook.secret.reveal())
        self._clock = clock
        self._head = b"POST %b HTTP/1.1\r\nHost: %b\r\nUser-Agent: tidegate\r\nContent-Type: application/json\r\n" % (
            url.raw_path,
            self.origin.host_header.encode(),
        )

    def request(self, _path: str, _token: str, push: Push, body: bytes) -> bytes:
        signed = signed_headers(self._key, push.id, int(self._clock()), body)
        fields = "".join(f"{name}: {value}\r\n" for name, value in signed.items()).encode()
        return b"%b%bContent-Length: %d\r\n\r\n%b" % (self._head, fields, len(body), body)
