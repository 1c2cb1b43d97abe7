"""Pictures that go with pushes: kept once by their digest, and what the platform calls them once they are uploaded.

How it works: the gateway keeps the bytes under their digest, and a push carries the digest. A pusher that sends such a
push asks what the account's temporary medium is; the first one that asks is told to upload it, under a lease, and
publishes the id for all the others. The platform keeps temporary media for three days.
"""

from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from queues import keys, scripts
from queues.scripts import Call
from queues.store import Store

DIGEST_BYTES = 16
MEDIA_SECONDS = 71 * 3600
"""An hour less than the platform's three days: a send that begins within it ends within it."""

Format = Literal["png", "jpeg", "gif"]
_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)


class Medium(Struct, frozen=True):
    """What is known of a picture's temporary medium: its id, or whether the caller is to upload it now."""

    id: str = ""
    upload: bool = False


def format_of(picture: bytes) -> Format | None:
    """The format by its first bytes, whatever it is called; None if the platforms do not take it."""
    return next((name for magic, name in _MAGIC if picture.startswith(magic)), None)


def digest_of(picture: bytes) -> bytes:
    return blake2b(picture, digest_size=DIGEST_BYTES, person=b"picture").digest()


async def keep_picture(store: Store, picture: bytes, seconds: float) -> bytes:
    """Keep a picture for at least that long; its digest.

    Raises:
        StoreUnavailableError: it may not be on disk; repeating is safe.
    """
    digest = digest_of(picture)
    call = Call(scripts.load("keep_picture"), (_key(store, digest),), (picture, int(seconds * 1000)))
    await store.commit("keep_picture", [call])
    return digest


async def read_picture(store: Store, digest: bytes) -> bytes | None:
    """The picture, or None if its time is over.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    key = _key(store, digest)
    [picture] = await store.run("read_picture", [Call(None, (key,), ("GET", key))])
    return bytes(picture) if picture is not None else None


async def ask_medium(store: Store, account: str, digest: bytes, lease_seconds: float) -> Medium:
    """The account's medium of a picture. A caller that is to upload it has so long before another is told to.

    Raises:
        StoreUnavailableError: nobody may upload it until the lease has ended.
    """
    known = await _media(store, account, digest, "ask", "", lease_seconds)
    return Medium(upload=True) if known is None else Medium(known.decode())


async def publish_medium(store: Store, account: str, digest: bytes, media_id: str) -> None:
    """The picture was uploaded, and this is its id.

    Raises:
        StoreUnavailableError: another uploads it again, which wastes no more than a call.
    """
    await _media(store, account, digest, "publish", media_id, MEDIA_SECONDS)


async def forget_medium(store: Store, account: str, digest: bytes, media_id: str) -> None:
    """The platform does not know this medium (any more), or it was never uploaded (empty).

    Raises:
        StoreUnavailableError: it may still be remembered.
    """
    await _media(store, account, digest, "forget", media_id, 0)


async def _media(store: Store, account: str, digest: bytes, verb: str, media_id: str, seconds: float) -> bytes | None:
    key = keys.media(account, digest.hex())
    call = Call(scripts.load("media"), (key,), (verb, media_id, int(seconds * 1000)))
    [known] = await store.run("media", [call])
    return bytes(known) if known is not None else None


def _key(store: Store, digest: bytes) -> str:
    return store.keys[digest[0] % store.shards].picture(digest.hex())
