"""Temporary media: what may be uploaded, and what is kept for three days (§4.6)."""

from collections import OrderedDict
from collections.abc import Mapping

from msgspec import Struct

from loadtests.platform.refusal import RefusedError

LIFE = 3 * 86_400.0
_KEPT_BYTES = 67_108_864
_KIB, _MIB = 1024, 1024 * 1024

LIMITS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "image": (("png", "jpeg", "jpg", "gif"), 10 * _MIB, 40009),
    "voice": (("amr", "mp3"), 2 * _MIB, 40010),
    "video": (("mp4",), 10 * _MIB, 40011),
    "thumb": (("jpg", "jpeg"), 64 * _KIB, 40012),
}
"""By type: file name endings, most bytes, and the errcode above them."""


class Medium(Struct, frozen=True, gc=False):
    """One uploaded file; `content` is empty once newer ones took its place in memory."""

    kind: str
    at: float
    content: bytes


def check_file(
    kind: str, filename: str, size: int, image_bytes: int, table: Mapping[str, tuple[tuple[str, ...], int, int]]
) -> None:
    """Refuse a file: 40004 (type), 44001 (empty), 40005 (file name ending), or the code for its size."""
    if kind not in table:
        raise RefusedError(40004)
    endings, most, errcode = table[kind]
    if not size:
        raise RefusedError(44001)
    if endings and filename.rpartition(".")[2].lower() not in endings:
        raise RefusedError(40005)
    if size > (image_bytes if kind == "image" else most):
        raise RefusedError(errcode)


class MediaShelf:
    """Uploaded files by media id. Contents are held up to 64 MiB together, oldest out first; ids for their life."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._media: OrderedDict[str, Medium] = OrderedDict()
        self._held: OrderedDict[str, int] = OrderedDict()
        self._bytes = 0
        self._number = 0

    def put(self, kind: str, content: bytes, now: float) -> str:
        """Keep a file; its media id."""
        self._number += 1
        media_id = f"mEdIa-{self._name}-{self._number:08d}-{'x' * 40}"
        self._media[media_id] = Medium(kind, now, content)
        self._held[media_id] = len(content)
        self._bytes += len(content)
        while self._bytes > _KEPT_BYTES:
            oldest, size = self._held.popitem(last=False)
            self._bytes -= size
            if oldest in self._media:
                self._media[oldest] = Medium(self._media[oldest].kind, self._media[oldest].at, b"")
        while self._media and now - next(iter(self._media.values())).at >= 2 * LIFE:
            self._media.popitem(last=False)
        return media_id

    def get(self, media_id: str, now: float) -> Medium | None:
        """The file, while it lives."""
        medium = self._media.get(media_id)
        return medium if medium is not None and now - medium.at < LIFE else None

    def knew(self, media_id: str) -> bool:
        """Whether it was ever uploaded here."""
        return media_id in self._media
