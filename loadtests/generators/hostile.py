"""Requests that nothing may come of, each with the answers it may have; R12's.

How it works: each kind takes a callback as the platform would send it and spoils one thing. What is well signed here is
signed with the account's own token, so that the gateway's later stages are reached and not only the first.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from loadtests.generators.callback_mix import mixed_callbacks
from loadtests.http_client import Target, post
from loadtests.platform.callback_crypto import CallbackCipher, sign
from loadtests.platform.callbacks import Callback
from loadtests.platform.options import CallbackKeys

_STALE_SECONDS = 7_200  # beyond any `freshness_seconds` that a stand has
_GUESSED = "guessed"
_DEEP = 5_000
_OVERSIZED = 10_000_000
_ENTITIES = b'<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%b">' % (letter, b"&%c;" % (letter - 1) * 10) for letter in range(ord("b"), ord("k"))
)
_EXTERNAL = b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


class HostileRequest(Struct, frozen=True):
    """What to send, and the statuses that are an answer to it."""

    kind: str
    data: bytes
    statuses: tuple[int, ...]


class HostileRequests:
    """Makes them for one account; the same seed makes the same ones, but for the time."""

    def __init__(self, account: CallbackKeys, target: Target, seed: int, wall: Callable[[], float]) -> None:
        self._token = account.token
        self._target = target
        self._wall = wall
        self._random = random.Random(seed)
        self._callbacks = mixed_callbacks(account.original_id, seed, wall)
        self._cipher = None if account.mode == "plaintext" else CallbackCipher(account.aes_key, account.app_id)
        self._stranger = CallbackCipher("a" * 43, account.app_id)
        self._kinds = [*self._of_any_mode, *(self._of_encryption if self._cipher else self._of_text)]

    def __iter__(self) -> Iterator[HostileRequest]:
        """All kinds in turn, without end."""
        while True:
            for make in self._kinds:
                yield make(next(self._callbacks))

    @property
    def _of_any_mode(self) -> Sequence[Callable[[Callback], HostileRequest]]:
        post, query = self._post, self._query
        return (
            lambda callback: post("forged", callback.xml, query(signature="0" * 40), 403),
            lambda callback: post("unsigned", callback.xml, "", 403),
            lambda callback: post("other token", callback.xml, query(token=_GUESSED), 403),
            lambda callback: post("replayed", callback.xml, query(ago=_STALE_SECONDS), 403),
            lambda callback: post("repeated name", callback.xml, query() + "&timestamp=1", 403),
            lambda callback: post("other account", callback.xml, query(), 404, "/callback/x"),
            lambda _: post("no key", b'{"pushes":[{}]}', "", 401, "/v1/pushes"),
            lambda _: HostileRequest("no HTTP", self._random.randbytes(64) + b"\r\n\r\n", (400, 414, 431)),
            self._oversized,
            self._smuggled,
        )

    @property
    def _of_text(self) -> Sequence[Callable[[Callback], HostileRequest]]:
        """What is well signed, and no callback."""
        spoil: Mapping[str, Callable[[bytes], bytes]] = {
            "truncated": lambda body: body[: self._random.randrange(len(body) - 1)],
            "nested": lambda body: body.replace(b"</xml>", b"<a>" * _DEEP + b"</a>" * _DEEP + b"</xml>"),
            "entities": lambda body: _ENTITIES + b"]>" + body.replace(b"<xml>", b"<xml><a>&j;</a>", 1),
            "external entity": lambda body: _EXTERNAL + body.replace(b"<xml>", b"<xml><a>&a;</a>", 1),
            "other charset": lambda body: b'<?xml version="1.0" encoding="GBK"?>' + body,
            "UTF-16": lambda body: body.decode().encode("utf-16"),
            "bad UTF-8": lambda body: body.replace(b"</xml>", b"<a>\xff\xfe</a></xml>"),
            "empty": lambda _: b"",
            "JSON": lambda _: b'{"ToUserName":' * 1_000,
            "fields twice": lambda body: body.replace(b"</xml>", b"<MsgType>a</MsgType></xml>"),
        }
        return [self._spoiled(kind, change) for kind, change in spoil.items()]

    @property
    def _of_encryption(self) -> Sequence[Callable[[Callback], HostileRequest]]:
        """What is well signed, and does not decrypt to a callback of this account's."""
        cipher = self._cipher
        assert cipher is not None  # noqa: S101  asked for in the encrypting modes alone
        seal: Mapping[str, Callable[[bytes], str]] = {
            "other key": lambda body: self._stranger.encrypt(body, self._random.randbytes(16)),
            "cut ciphertext": lambda body: cipher.encrypt(body, self._random.randbytes(16))[:-24],
            "changed ciphertext": lambda body: _changed(cipher.encrypt(body, self._random.randbytes(16))),
            "no Base64": lambda _: "*" * 128,
            "nothing": lambda _: "A" * 64,
            "entities inside": lambda body: cipher.encrypt(_EXTERNAL + body, self._random.randbytes(16)),
        }
        sealed = [self._sealed(kind, encrypt) for kind, encrypt in seal.items()]
        return [*sealed, lambda callback: self._post("downgraded", callback.xml, self._query(), 403)]

    def _spoiled(self, kind: str, change: Callable[[bytes], bytes]) -> Callable[[Callback], HostileRequest]:
        return lambda callback: self._post(kind, change(callback.xml), self._query(), 400)

    def _sealed(self, kind: str, encrypt: Callable[[bytes], str]) -> Callable[[Callback], HostileRequest]:
        def make(callback: Callback) -> HostileRequest:
            text = encrypt(callback.xml)
            body = f"<xml><ToUserName>a</ToUserName><Encrypt><![CDATA[{text}]]></Encrypt></xml>".encode()
            return self._post(kind, body, self._query(encrypted=text), 400)

        return make

    def _oversized(self, callback: Callback) -> HostileRequest:
        """Its length is refused before any of it is sent."""
        request = post(self._target, callback.xml, "text/xml", query=self._query())
        length = f"Content-Length: {len(callback.xml)}".encode()
        return HostileRequest("oversized", request.replace(length, b"Content-Length: %d" % _OVERSIZED), (413,))

    def _smuggled(self, callback: Callback) -> HostileRequest:
        request = post(self._target, callback.xml, "text/xml", "Transfer-Encoding: chunked", query=self._query())
        return HostileRequest("smuggled", request, (400,))

    def _query(self, *, token: str = "", signature: str = "", ago: int = 0, encrypted: str = "") -> str:
        token = token or self._token
        timestamp, nonce = str(int(self._wall()) - ago), str(self._random.getrandbits(31))
        query = f"signature={signature or sign(token, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}"
        if encrypted:
            query += f"&encrypt_type=aes&msg_signature={quote(sign(token, timestamp, nonce, encrypted))}"
        return query

    def _post(self, kind: str, body: bytes, query: str, status: int, path: str = "") -> HostileRequest:
        target = replace(self._target, path=path) if path else self._target
        return HostileRequest(kind, post(target, body, "text/xml", query=query), (status,))


def _changed(text: str) -> str:
    """One character of the last block, where the padding and the receiver stand."""
    at = len(text) - 10
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
